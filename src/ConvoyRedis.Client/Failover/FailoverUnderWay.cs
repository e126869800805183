namespace ConvoyRedis.Client.Failover;

/// <summary>What the <see cref="MasterTracker"/> knows of a failover that has not ended.</summary>
/// <param name="candidate">The replica that is to be the master; null while none is chosen.</param>
/// <param name="leader">The sentinel that leads it: only the leader publishes its steps.</param>
/// <param name="since">When it began, or when the candidate was chosen.</param>
internal sealed class FailoverUnderWay(ConvoyRedisEndpoint? candidate, ConvoyRedisEndpoint leader, long since)
{
    public ConvoyRedisEndpoint? Candidate { get; } = candidate;

    public long Since { get; } = since;

    /// <summary>The sentinel that leads it, or continued it last.</summary>
    public ConvoyRedisEndpoint Leader { get; set; } = leader;

    /// <summary>Whether the promotion has been ordered.</summary>
    public bool IsOrdered { get; set; }

    /// <summary>Whether the old master was alive when the connection moved to the candidate.</summary>
    public bool IsOldMasterAlive { get; set; }

    /// <summary>Since when the leader is gone or in TILT; null while it is not. Only the leader can complete the failover.</summary>
    public long? OrphanedSince { get; set; }

    /// <summary>Since when streams are held for it, while they are.</summary>
    public long HeldSince { get; set; }

    /// <summary>Whether the candidate said last that it is a master.</summary>
    public bool IsMaster { get; set; }
}
