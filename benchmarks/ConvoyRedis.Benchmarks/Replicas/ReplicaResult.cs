namespace ConvoyRedis.Benchmarks.Replicas;

/// <summary>What <c>replicas</c> gave.</summary>
/// <param name="Throughput">How many reads each client gets.</param>
/// <param name="Gaps">How reads go on through faults.</param>
internal sealed record ReplicaResult(IReadOnlyList<ReplicaThroughput> Throughput, IReadOnlyList<ReplicaGap> Gaps);
