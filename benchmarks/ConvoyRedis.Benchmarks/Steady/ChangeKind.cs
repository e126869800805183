namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>What is changed of a cluster while it is used.</summary>
internal enum ChangeKind
{
    /// <summary><c>CLUSTER FAILOVER</c> of the shard that is written to.</summary>
    Failover,

    /// <summary>The slots that are written to move to a node that was added a moment ago.</summary>
    Resharding,
}
