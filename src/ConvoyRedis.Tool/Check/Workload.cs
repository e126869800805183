namespace ConvoyRedis.Tool.Check;

/// <summary>What is usual for this deployment, as its operator says; the guide's "matches expected workload" and "not growing unbounded".</summary>
/// <param name="MostClients">The clients of a node at most; null for 80 % of <c>maxclients</c>.</param>
/// <param name="MostOperations">The operations per second of a node at most; null for any number.</param>
internal sealed record Workload(int? MostClients, int? MostOperations);
