using System.Text;

namespace ConvoyRedis.Client.Handover;

/// <summary>
/// A question of our own behind the last command of a held stream. RESP answers in order: its reply comes after all others, and is known by
/// its place among them; that it says what it should only confirms it.
/// </summary>
internal sealed class DrainMarker
{
    private readonly TaskCompletionSource<bool> _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _reply;
    private int _replyRead;

    /// <param name="repliesBefore">The number of replies that come before.</param>
    public DrainMarker(long repliesBefore)
    {
        RepliesBefore = repliesBefore;
        var text = $"convoy-redis:{Guid.NewGuid():N}";
        _reply = Encoding.ASCII.GetBytes($"${text.Length}\r\n{text}\r\n");
        Command = Encoding.ASCII.GetBytes($"*2\r\n$4\r\nECHO\r\n${text.Length}\r\n{text}\r\n");
    }

    /// <summary>The number of replies that come before.</summary>
    public long RepliesBefore { get; }

    /// <summary>The question.</summary>
    public ReadOnlyMemory<byte> Command { get; }

    /// <summary>Completes with whether the answer came as it should.</summary>
    public Task<bool> Drained => _drained.Task;

    /// <summary>Completes when the stream goes on, or has ended.</summary>
    public Task Resumed => _resumed.Task;

    /// <summary>Takes a piece of what came behind the last reply.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        var isOurs = bytes.Length <= _reply.Length - _replyRead && _reply.AsSpan(_replyRead, bytes.Length).SequenceEqual(bytes);
        _replyRead += bytes.Length;
        if (!isOurs)
            Fail();
        else if (_replyRead == _reply.Length)
            _drained.TrySetResult(true);
    }

    /// <summary>The answer will not come.</summary>
    public void Fail() => _drained.TrySetResult(false);

    /// <summary>The stream goes on, or has ended.</summary>
    public void End()
    {
        Fail();
        _resumed.TrySetResult();
    }
}
