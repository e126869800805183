namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>What became of the writes of all clients of a process.</summary>
/// <param name="Acknowledged">The acknowledged ones.</param>
/// <param name="Failed">Those that failed, or had no answer at the end.</param>
/// <param name="LongestCall">The longest time in one call, in nanoseconds.</param>
/// <param name="Errors">Each error, and how often it came.</param>
internal sealed record FleetWrites(long Acknowledged, long Failed, long LongestCall, IReadOnlyList<string> Errors);
