namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>Keeps the commands that have been written to a node and not answered yet, so that they can be written again. For one writer and one reader.</summary>
internal sealed class UnansweredCommands
{
    /// <summary>How many bytes are kept; if more are unanswered, none is, until all have been answered.</summary>
    public const int MostBytes = 1024 * 1024;

    private const int FirstBytes = 16 * 1024;

    private readonly Lock _gate = new();

    // Pieces that end with a command: how many commands there were until then, and the length.
    private readonly Queue<(long Commands, int Length)> _pieces = new();
    private byte[] _buffer = new byte[FirstBytes];
    private int _start;
    private int _end;
    private int _openLength;
    private long _answered;
    private long _commandsBefore;
    private bool _isLost;

    // Where the last piece ended.
    private long _commands;
    private bool _isBetweenCommands = true;

    /// <summary>A piece was written.</summary>
    /// <param name="bytes">The piece.</param>
    /// <param name="commands">The number of commands until now.</param>
    /// <param name="isEnd">Whether a command ends with it.</param>
    public void Add(ReadOnlySpan<byte> bytes, long commands, bool isEnd)
    {
        lock (_gate)
        {
            if (_isLost && _isBetweenCommands && _answered >= _commands)
                (_isLost, _commandsBefore) = (false, _commands);
            (_commands, _isBetweenCommands) = (commands, isEnd);
            if (_isLost || !Reserve(bytes.Length))
                return;
            bytes.CopyTo(_buffer.AsSpan(_end));
            _end += bytes.Length;
            _openLength += bytes.Length;
            if (!isEnd)
                return;
            _pieces.Enqueue((commands, _openLength));
            _openLength = 0;
        }
    }

    /// <summary>Forgets what has been answered.</summary>
    /// <param name="answered">The number of replies until now.</param>
    public void Forget(long answered)
    {
        lock (_gate)
        {
            _answered = answered;
            while (_pieces.TryPeek(out var piece) && piece.Commands <= answered)
            {
                _pieces.Dequeue();
                _start += piece.Length;
                _commandsBefore = piece.Commands;
            }
        }
    }

    /// <summary>The commands from one on; null if they have not been kept.</summary>
    /// <param name="before">The number of commands before it.</param>
    public byte[]? After(long before)
    {
        lock (_gate)
        {
            var position = _start;
            for (var command = _commandsBefore; command < before; command++)
            {
                var length = WholeCommand.Length(_buffer.AsSpan(position, _end - position), out _);
                if (length == 0)
                    return null;
                position += length;
            }

            return _isLost || _commandsBefore > before || _openLength > 0 ? null : _buffer[position.._end];
        }
    }

    private bool Reserve(int length)
    {
        if (_end + length <= _buffer.Length)
            return true;
        var kept = _end - _start;
        _isLost = kept + length > MostBytes;
        if (_isLost)
        {
            (_start, _end, _openLength) = (0, 0, 0);
            _pieces.Clear();
            return false;
        }

        var target = kept + length > _buffer.Length / 2 ? new byte[Math.Max(_buffer.Length, 2 * (kept + length))] : _buffer;
        _buffer.AsSpan(_start, kept).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, kept);
        return true;
    }
}
