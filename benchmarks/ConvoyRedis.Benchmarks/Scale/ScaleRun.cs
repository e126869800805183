namespace ConvoyRedis.Benchmarks.Scale;

/// <summary>What some registered connections cost and how they meet a planned failover.</summary>
/// <param name="Connections">The keyed registrations in one process.</param>
/// <param name="Sentinels">The sentinels of the deployment.</param>
/// <param name="NodeSockets">The sockets to data nodes.</param>
/// <param name="SentinelSockets">The sockets to sentinels.</param>
/// <param name="KibibytesOfMemory">What they added to the managed heap.</param>
/// <param name="MillicoresAtRest">What they added to the CPU use of the process while nothing was asked of them.</param>
/// <param name="LagMedian">Of all connections, in milliseconds.</param>
/// <param name="LagMost">The last connection's.</param>
/// <param name="Failed">The writes that failed.</param>
internal sealed record ScaleRun(
    int Connections,
    int Sentinels,
    int NodeSockets,
    int SentinelSockets,
    double KibibytesOfMemory,
    double MillicoresAtRest,
    double LagMedian,
    double LagMost,
    int Failed);
