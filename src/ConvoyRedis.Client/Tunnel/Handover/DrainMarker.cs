using System.Text;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// The library's own commands after the last command of a held stream. RESP replies come in order, so their replies are recognized by
/// position; the content only confirms it. There are two commands because either can be refused: ECHO by the ACL
/// or a managed service, PING by a node that cannot persist (MISCONF). One of them must be answered as expected.
/// </summary>
internal sealed class DrainMarker
{
    private const int MostErrorBytes = 1024;

    private readonly TaskCompletionSource<bool> _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<byte> _unread = [];
    private readonly byte[] _reply;
    private int _repliesLeft = 2;
    private bool _isConfirmed;

    /// <param name="repliesBefore">The number of replies that come before.</param>
    public DrainMarker(long repliesBefore)
    {
        RepliesBefore = repliesBefore;
        var text = $"convoy-redis:{Guid.NewGuid():N}";
        _reply = Encoding.ASCII.GetBytes($"${text.Length}\r\n{text}\r\n");
        Command = Encoding.ASCII.GetBytes($"*2\r\n$4\r\nECHO\r\n${text.Length}\r\n{text}\r\n*2\r\n$4\r\nPING\r\n${text.Length}\r\n{text}\r\n");
    }

    /// <summary>The number of replies that come before.</summary>
    public long RepliesBefore { get; }

    /// <summary>The question, asked twice.</summary>
    public ReadOnlyMemory<byte> Command { get; }

    /// <summary>Completes with whether the expected answer came.</summary>
    public Task<bool> Drained => _drained.Task;

    /// <summary>Completes when the stream continues, or has ended.</summary>
    public Task Resumed => _resumed.Task;

    /// <summary>Takes a piece of what came behind the last reply.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        _unread.AddRange(bytes);
        while (_repliesLeft > 0 && LengthOfReply(_unread) is > 0 and var length)
        {
            _isConfirmed |= _unread[0] != '-';
            _unread.RemoveRange(0, length);
            _repliesLeft--;
        }

        if (_repliesLeft == 0)
            _drained.TrySetResult(_isConfirmed && _unread.Count == 0);
        else if (!IsExpected(_unread))
            Fail();
    }

    /// <summary>The answer will not come.</summary>
    public void Fail() => _drained.TrySetResult(false);

    /// <summary>The stream continues, or has ended.</summary>
    public void End()
    {
        Fail();
        _resumed.TrySetResult();
    }

    // The length of the answer or the error that is there in full; else 0.
    private int LengthOfReply(List<byte> bytes)
    {
        if (bytes is [(byte)'-', ..])
            return bytes.IndexOf((byte)'\n') + 1;
        return bytes.Count >= _reply.Length && IsExpected(bytes) ? _reply.Length : 0;
    }

    // Whether it can be the beginning of the answer or of an error.
    private bool IsExpected(List<byte> bytes) =>
        bytes is [(byte)'-', ..] ? bytes.Count <= MostErrorBytes : bytes.Take(_reply.Length).SequenceEqual(_reply.Take(bytes.Count));
}
