namespace ConvoyRedis.Client;

/// <summary>What a connection is doing about its master.</summary>
public enum ConvoyRedisPhase
{
    /// <summary>No master has been found yet.</summary>
    Locating,

    /// <summary>The connection leads to the master.</summary>
    Following,

    /// <summary>The sentinels chose a candidate; the connection still leads to the old master.</summary>
    FailingOver,

    /// <summary>A planned promotion has been ordered: nothing more is sent to the old master, and commands wait for the moment it takes.</summary>
    Holding,

    /// <summary>The old master is dead and given up; commands wait for the next one.</summary>
    WaitingForMaster,
}
