namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>What the reader of a stream has received: whether a node is silent. Only a reader that waits hears its silence.</summary>
internal sealed class ReadActivity
{
    private volatile bool _isReading;
    private long _received;
    private (long Received, bool IsOwed) _lastSeen;

    /// <summary>The reader waits for the node.</summary>
    public void Begin() => _isReading = true;

    /// <summary>The reader has received something.</summary>
    public void End(int bytes)
    {
        _isReading = false;
        Volatile.Write(ref _received, _received + bytes);
    }

    /// <summary>Whether the node owed an answer at the last call already, and has sent nothing since. For one caller.</summary>
    /// <param name="isOwed">Whether it owes one now.</param>
    public bool IsSilent(bool isOwed)
    {
        var before = _lastSeen;
        _lastSeen = (Volatile.Read(ref _received), isOwed);
        return isOwed && _lastSeen == before;
    }

    /// <summary>Says at each call whether the reader has waited since the one before, and received nothing.</summary>
    public Func<bool> Watch()
    {
        var received = Volatile.Read(ref _received);
        return () =>
        {
            var before = received;
            var isReading = _isReading;
            received = Volatile.Read(ref _received);
            return isReading && received == before;
        };
    }
}
