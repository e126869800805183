namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>One workload at one concurrency: pairs of measurements in alternation, and latencies at a fixed rate.</summary>
/// <param name="Workload">What the callers did.</param>
/// <param name="Callers">How many at once.</param>
/// <param name="Tls">Whether over TLS.</param>
/// <param name="Pairs">Each round's measurements.</param>
/// <param name="OfferedPerSecond">The rate at which the latencies were measured: half of what plain StackExchange.Redis can do.</param>
/// <param name="OwnLatency">This library's.</param>
/// <param name="PlainLatency">Plain StackExchange.Redis's.</param>
/// <param name="IsCluster">Whether on a cluster; else on one server.</param>
internal sealed record SteadyRow(
    string Workload, int Callers, bool Tls, IReadOnlyList<Pair> Pairs, double OfferedPerSecond, Latency OwnLatency, Latency PlainLatency, bool IsCluster = false);

/// <summary>This library and plain StackExchange.Redis, one right after the other.</summary>
internal sealed record Pair(Cost Own, Cost Plain);

/// <summary>What commands took.</summary>
internal sealed record Cost(double CommandsPerSecond, double MicrosecondsOfCpu, double BytesAllocated);

/// <summary>Percentiles in microseconds.</summary>
internal sealed record Latency(double P50, double P99, double P999);
