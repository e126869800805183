namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>What happens to the master.</summary>
internal enum Fault
{
    Killed,
    Planned,
    Hung,
}
