namespace ConvoyRedis.Client;

/// <summary>Why the connection moved to another node.</summary>
public enum MasterChangeCause
{
    /// <summary>The first master that was found.</summary>
    Located,

    /// <summary>The candidate of a failover reports that it is the master; the sentinels have not announced it yet.</summary>
    Promoted,

    /// <summary>A sentinel announced a master at a higher configuration epoch.</summary>
    Announced,

    /// <summary>The failover was aborted: the connection went back to the previous master.</summary>
    FailoverAborted,

    /// <summary>A majority of the sentinels agrees on a lower epoch: the sentinels were set up again.</summary>
    SentinelsReset,
}
