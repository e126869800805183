using System.Text;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// A question of our own behind the last command of a held stream. RESP answers in order: its reply comes after all others, and is known by
/// its place among them; that it says what it should only confirms it. The same is asked by two commands, since either can be refused: ECHO to our user
/// or by a managed service, PING by a node that cannot persist (MISCONF). One of them must say what it should.
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

    /// <summary>Completes with whether the answer came as it should.</summary>
    public Task<bool> Drained => _drained.Task;

    /// <summary>Completes when the stream goes on, or has ended.</summary>
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

    /// <summary>The stream goes on, or has ended.</summary>
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
