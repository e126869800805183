namespace ConvoyRedis.Client;

/// <summary>Why the connection moved to another node.</summary>
public enum MasterChangeCause
{
    /// <summary>The connection found its first master.</summary>
    Located,

    /// <summary>
    /// The candidate of a failover reports that it is the master; the sentinels have not announced it yet. In a cluster: a replica of a master that does
    /// not answer reports that it has taken over.
    /// </summary>
    Promoted,

    /// <summary>A sentinel, or a node of the cluster, announced a master at a higher configuration epoch.</summary>
    Announced,

    /// <summary>The failover was aborted: the connection went back to the previous master.</summary>
    FailoverAborted,

    /// <summary>A majority of the sentinels agrees on a lower epoch, because the sentinels were set up again.</summary>
    SentinelsReset,

    /// <summary>
    /// The master became a replica without a failover by Sentinel (<c>FAILOVER</c> or <c>REPLICAOF</c> on the node itself), and the replica that it
    /// names as its new master reports that it is one. The sentinels still name the former master for some time.
    /// </summary>
    NamedByFormer,
}
