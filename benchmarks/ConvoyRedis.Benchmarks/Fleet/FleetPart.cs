namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>A part of <c>fleet</c> that can be measured alone.</summary>
internal enum FleetPart
{
    /// <summary>What clients cost that do nothing.</summary>
    Rest,

    /// <summary>How clients meet a failover, and what they ask in it.</summary>
    Failover,

    /// <summary>Planned failovers under the writes of many callers of one client.</summary>
    Drills,

    /// <summary>How fast a candidate copies while many processes watch it.</summary>
    Watchers,
}
