namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>One fault on a fresh topology, as one client met it. Instants are in milliseconds since the new master could be written to.</summary>
/// <param name="Client">The client's id.</param>
/// <param name="Fault">What happened: the id of a <see cref="Scenario"/>.</param>
/// <param name="FaultAt">When it happened.</param>
/// <param name="PromotedSlaveAt">When the leader said <c>+promoted-slave</c>; null if it was not heard.</param>
/// <param name="SwitchMasterAt">When each sentinel said <c>+switch-master</c>, in order.</param>
/// <param name="Lag">
/// Until the client's first write (or read) at the new master, from the observer's first one there, or from the moment when the name led there; null for never.
/// </param>
/// <param name="OutageFrom">The beginning of the longest time without an acknowledged write that the final master has.</param>
/// <param name="OutageTo">Its end; null for never.</param>
/// <param name="Acknowledged">The writes (or reads) that were acknowledged, by whichever master.</param>
/// <param name="Lost">The acknowledged writes that the final master does not have.</param>
/// <param name="Repeated">The writes that the final master has more than once.</param>
/// <param name="Failed">The writes (or reads) that ended with an error.</param>
/// <param name="LongestCall">The longest time in one call.</param>
/// <param name="Errors">The different errors.</param>
internal sealed record FailoverRun(
    string Client,
    string Fault,
    double FaultAt,
    double? PromotedSlaveAt,
    IReadOnlyList<double> SwitchMasterAt,
    double? Lag,
    double OutageFrom,
    double? OutageTo,
    int Acknowledged,
    int Lost,
    int Repeated,
    int Failed,
    double LongestCall,
    IReadOnlyList<string> Errors);
