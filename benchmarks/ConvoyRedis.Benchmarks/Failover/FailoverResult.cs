namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>What one run gave.</summary>
/// <param name="Lag">From the first instant at which the new master took a write to the client's first one there; null for never.</param>
/// <param name="Acknowledged">The writes that were acknowledged, by whichever master.</param>
/// <param name="Failed">The writes that ended with an error.</param>
/// <param name="Lost">The acknowledged writes that the new master does not have.</param>
internal sealed record FailoverResult(TimeSpan? Lag, int Acknowledged, int Failed, int Lost);
