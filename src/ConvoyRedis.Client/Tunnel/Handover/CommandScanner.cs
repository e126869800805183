using ConvoyRedis.Client.Diagnostics;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// Parses what StackExchange.Redis writes, in pieces of any size: the end of each command, the number of commands, and their effect on the
/// session. It reads only the lengths and skips the arguments, except for the few commands that <see cref="SessionState"/> asks for.
/// </summary>
/// <param name="session">Told of these.</param>
internal sealed class CommandScanner(SessionState session)
{
    private enum Expected
    {
        /// <summary>The line <c>*n</c> that begins a command.</summary>
        Count,

        /// <summary>The line <c>$n</c> that begins an argument.</summary>
        Length,

        /// <summary>An argument, and the line's end after it.</summary>
        Argument,
    }

    // SessionState needs no more than these, and a command may have any number.
    private const int MostKeptArguments = 4;

    private readonly byte[] _name = new byte[CommandDurations.LongestName];
    private readonly List<byte[]> _arguments = [];
    private Expected _expected = Expected.Count;
    private long _number;
    private bool _isLineBegun;
    private bool _isLost;
    private int _argumentsLeft;
    private long _bytesLeft;
    private int _nameLength;
    private bool _isName;
    private bool _isKept;
    private byte[] _keptArgument = [];

    /// <summary>The commands that have ended.</summary>
    public long Completed { get; private set; }

    /// <summary>What they make of the session.</summary>
    public SessionState Session => session;

    /// <summary>Receives each command; null if nobody needs them.</summary>
    public CommandDurations? Durations { get; set; }

    /// <summary>
    /// Whether nothing is in progress: no command, transaction or WATCH. Also true after input that is not a command: nothing after
    /// that can be parsed, and the session cannot be moved.
    /// </summary>
    public bool IsAtRest => _isLost || (IsBetweenCommands && !Session.IsInTransaction);

    /// <summary>Whether the last piece ended with a command.</summary>
    public bool IsBetweenCommands => _expected == Expected.Count && !_isLineBegun && !_isLost;

    /// <summary>Follows a piece of what is written.</summary>
    /// <param name="bytes">The piece.</param>
    /// <param name="stopAtRest">Whether to stop at the first point at which nothing is in progress.</param>
    /// <returns>How many bytes were followed; fewer than all of them only when stopped.</returns>
    public int Advance(ReadOnlySpan<byte> bytes, bool stopAtRest)
    {
        var position = 0;
        while (position < bytes.Length && !_isLost)
        {
            if (_expected == Expected.Argument)
            {
                position += SkipArgument(bytes[position..]);
                if (stopAtRest && IsAtRest)
                    return position;
                continue;
            }

            // Nearly all commands come in one piece and are of no concern to the session.
            if (_expected == Expected.Count && !_isLineBegun && WholeCommand.Length(bytes[position..], out var name) is > 0 and var length)
            {
                position += length;
                NoteWritten(name);
                Completed++;
                if (stopAtRest && IsAtRest)
                    return position;
                continue;
            }

            position += ReadLine(bytes[position..]);
        }

        return _isLost ? bytes.Length : position;
    }

    // Reads a line's letters up to its end, or the end of the piece.
    private int ReadLine(ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        if (!_isLineBegun)
        {
            if (bytes[0] != (_expected == Expected.Count ? (byte)'*' : (byte)'$'))
                return Lose("a command is not an array of bulk strings");
            _isLineBegun = true;
            _number = 0;
            position = 1;
        }

        for (; position < bytes.Length; position++)
        {
            var letter = bytes[position];
            if (letter == '\n')
            {
                _isLineBegun = false;
                EndLine();
                return position + 1;
            }

            if (letter == '\r')
                continue;
            if (letter is < (byte)'0' or > (byte)'9')
                return Lose("a length in a command is not a number");
            _number = (_number * 10) + (letter - '0');
            if (_number > int.MaxValue)
                return Lose("a length in a command is too large");
        }

        return position;
    }

    private void EndLine()
    {
        if (_expected == Expected.Count)
        {
            if (_number == 0)
            {
                Lose("a command has no name");
                return;
            }

            _argumentsLeft = (int)_number;
            _isName = true;
            _expected = Expected.Length;
            return;
        }

        _bytesLeft = _number + 2;
        _nameLength = 0;
        _expected = Expected.Argument;
        if (_isKept && _arguments.Count < MostKeptArguments)
            BeginKeeping();
    }

    // Returns how many bytes were followed: the rest of the piece is skipped by the caller.
    private int Lose(string why)
    {
        _isLost = true;
        Session.BecomeUnfit(why);
        return 0;
    }

    private int SkipArgument(ReadOnlySpan<byte> bytes)
    {
        var length = (int)Math.Min(bytes.Length, _bytesLeft);
        var text = bytes[..(int)Math.Min(length, Math.Max(0, _bytesLeft - 2))];
        if (_isName && _number <= _name.Length)
        {
            text.CopyTo(_name.AsSpan(_nameLength));
            _nameLength += text.Length;
        }
        else if (_isKept && _arguments.Count < MostKeptArguments && !text.IsEmpty)
        {
            text.CopyTo(_keptArgument.AsSpan((int)(_number + 2 - _bytesLeft)));
        }

        _bytesLeft -= length;
        if (_bytesLeft == 0)
            EndArgument();
        return length;
    }

    private void EndArgument()
    {
        if (_isName)
        {
            _isName = false;
            _isKept = SessionState.Concerns(_name.AsSpan(0, _nameLength));
            NoteWritten(_name.AsSpan(0, _nameLength));
            if (_isKept)
                _arguments.Add(_name.AsSpan(0, _nameLength).ToArray());
        }
        else if (_isKept && _arguments.Count < MostKeptArguments)
        {
            _arguments.Add(_keptArgument);
        }

        _expected = Expected.Length;
        if (--_argumentsLeft == 0)
            EndCommand();
    }

    private void NoteWritten(ReadOnlySpan<byte> name) =>
        Durations?.Written(Completed, name.Length <= CommandDurations.LongestName ? name : default, Session.Database);

    private void EndCommand()
    {
        _expected = Expected.Count;
        Completed++;
        if (!_isKept)
            return;
        _isKept = false;
        Session.Note(_arguments, Completed - 1);
        _arguments.Clear();
        _keptArgument = [];
    }

    private void BeginKeeping()
    {
        if (_number <= LoadedScripts.MostBytes)
        {
            _keptArgument = new byte[_number];
            return;
        }

        Session.NoteTooLong(_arguments);
        _isKept = false;
        _arguments.Clear();
    }
}
