namespace ConvoyRedis.Benchmarks.Replicas;

/// <summary>How reads go on through a fault to the master.</summary>
/// <param name="Client">The client.</param>
/// <param name="Fault">The fault.</param>
/// <param name="Succeeded">The reads that were answered.</param>
/// <param name="Failed">The reads that failed.</param>
/// <param name="LongestGap">The longest time in which no read of any caller was answered, in milliseconds.</param>
/// <param name="LongestCall">The longest time in one call.</param>
/// <param name="Oldest">How much older an answer was than the last write that had been acknowledged when its call began, at most.</param>
/// <param name="RefusedWrites">The writes that reached a replica, which refused them.</param>
internal sealed record ReplicaGap(
    string Client, string Fault, long Succeeded, long Failed, double LongestGap, double LongestCall, double Oldest, long RefusedWrites);
