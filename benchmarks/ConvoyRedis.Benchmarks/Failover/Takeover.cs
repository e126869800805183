using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>A fault, and what came of it.</summary>
/// <param name="FaultAt">When the fault began, in nanoseconds of the machine's monotonic clock.</param>
/// <param name="Promotion">The new master, and since when clients can write there.</param>
internal sealed record Takeover(long FaultAt, Promotion Promotion);
