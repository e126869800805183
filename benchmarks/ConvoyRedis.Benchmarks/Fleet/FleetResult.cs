namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>What <c>fleet</c> gave; a part that was not measured is empty.</summary>
/// <param name="Rest">What clients cost that do nothing.</param>
/// <param name="Failovers">How clients meet a failover.</param>
/// <param name="Drills">Planned failovers under the writes of many callers of one client.</param>
/// <param name="Watched">How fast a candidate copies while it is watched.</param>
internal sealed record FleetResult(
    IReadOnlyList<FleetRest> Rest, IReadOnlyList<FleetRun> Failovers, IReadOnlyList<FleetDrill> Drills, IReadOnlyList<FleetWatch> Watched)
{
    public static FleetResult Nothing { get; } = new([], [], [], []);

    /// <summary>All parts together.</summary>
    public static FleetResult Of(IReadOnlyList<FleetResult> parts) => new(
        [.. parts.SelectMany(part => part.Rest)], [.. parts.SelectMany(part => part.Failovers)],
        [.. parts.SelectMany(part => part.Drills)], [.. parts.SelectMany(part => part.Watched)]);
}
