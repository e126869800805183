namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>A planned failover while many callers of one client write.</summary>
/// <param name="Writers">The callers.</param>
/// <param name="PayloadBytes">What each of them writes at once.</param>
/// <param name="Acknowledged">The acknowledged writes.</param>
/// <param name="Failed">The writes that ended with an error.</param>
/// <param name="Lost">The acknowledged writes that the new master does not have.</param>
/// <param name="Repeated">How often the new master has a write more than once.</param>
/// <param name="LongestCall">The longest time in one call, in milliseconds.</param>
internal sealed record FleetDrill(int Writers, int PayloadBytes, long Acknowledged, long Failed, long Lost, long Repeated, double LongestCall);
