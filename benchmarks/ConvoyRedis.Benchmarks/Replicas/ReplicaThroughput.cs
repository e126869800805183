namespace ConvoyRedis.Benchmarks.Replicas;

/// <summary>How many reads a client gets, in alternation with the others.</summary>
/// <param name="Client">The client.</param>
/// <param name="PerSecond">The reads of each round, a second.</param>
/// <param name="AtTheMaster">The share of them that the master answered.</param>
internal sealed record ReplicaThroughput(string Client, IReadOnlyList<double> PerSecond, double AtTheMaster);
