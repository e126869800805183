namespace ConvoyRedis.Client;

/// <summary>What a connection is doing: following its master, or waiting in a failover.</summary>
public enum ConvoyRedisPhase
{
    /// <summary>No master has been found yet.</summary>
    Locating,

    /// <summary>The connection follows the master.</summary>
    Following,

    /// <summary>
    /// The sentinels selected the replica to promote; commands still go to the old master. In a cluster: the master of a shard does not answer, and
    /// one of its replicas may take over.
    /// </summary>
    FailingOver,

    /// <summary>A planned promotion has been ordered: commands wait until it is done, and none is sent to the old master.</summary>
    Holding,

    /// <summary>The old master is dead; commands wait for the next one.</summary>
    WaitingForMaster,
}
