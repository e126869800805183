namespace ConvoyRedis.Client;

/// <summary>Why the connection leads to another node.</summary>
public enum MasterChangeCause
{
    /// <summary>The first master that was found.</summary>
    Located,

    /// <summary>The candidate of a failover says that it is the master; the sentinels have not announced it yet.</summary>
    Promoted,

    /// <summary>A sentinel announced a master at a higher configuration epoch.</summary>
    Announced,

    /// <summary>The failover was given up: back to the master before it.</summary>
    FailoverAborted,

    /// <summary>A majority of the sentinels agrees on a lower epoch: they were set up anew.</summary>
    SentinelsReset,
}
