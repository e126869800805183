namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>What happens to the master; and to the first sentinel, which clients ask first.</summary>
internal enum Fault
{
    Killed,
    Planned,
    Hung,
    KilledAndSentinelKilled,
    KilledAndSentinelHung,
}
