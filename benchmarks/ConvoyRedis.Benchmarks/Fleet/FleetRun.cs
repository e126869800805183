namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>One fault on a fresh deployment, as the clients met it. Lags are in milliseconds, from the observer's first write on the new master.</summary>
/// <param name="Client">The clients' id; empty for the servers alone.</param>
/// <param name="Clients">How many there are.</param>
/// <param name="IsTls">Whether everybody uses TLS.</param>
/// <param name="Fault">What happened.</param>
/// <param name="LagMedian">Until the first acknowledged write there of a client, the median of all clients; null for never.</param>
/// <param name="LagP99">The same of the client at 99 of 100; of fewer clients, of the last.</param>
/// <param name="LagLast">The same of the last client.</param>
/// <param name="Never">The clients that did not come back.</param>
/// <param name="PromotionBefore">How long before the observer's first write the promotion ended its idle connection; null where nothing is promoted.</param>
/// <param name="Acknowledged">The acknowledged writes of all clients; null, like the next two, if the process did not report them.</param>
/// <param name="Failed">The writes that ended with an error, or had no answer at the end.</param>
/// <param name="LongestCall">The longest time in one call.</param>
/// <param name="RolesUntilBack">The ROLE commands at the new master until the last client was back; null if that took longer than the servers were watched.</param>
/// <param name="Loads">What the servers had to do for the clients, from the fault until some seconds after the promotion.</param>
/// <param name="Errors">The different errors.</param>
internal sealed record FleetRun(
    string Client,
    int Clients,
    bool IsTls,
    FleetFault Fault,
    double? LagMedian,
    double? LagP99,
    double? LagLast,
    int Never,
    double? PromotionBefore,
    long? Acknowledged,
    long? Failed,
    double? LongestCall,
    double? RolesUntilBack,
    IReadOnlyList<FleetLoad> Loads,
    IReadOnlyList<string> Errors);
