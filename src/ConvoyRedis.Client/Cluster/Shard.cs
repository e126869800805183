namespace ConvoyRedis.Client.Cluster;

/// <summary>A shard of a cluster at one moment.</summary>
/// <param name="Master">Its master.</param>
/// <param name="Replicas">The master's replicas.</param>
/// <param name="Silence">How long the master has not answered us; null while it answers.</param>
internal sealed record Shard(ClusterMember Master, IReadOnlyList<ClusterMember> Replicas, TimeSpan? Silence);
