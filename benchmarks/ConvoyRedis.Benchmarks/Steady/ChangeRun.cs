namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>A change of a cluster, as one client met it under full load.</summary>
/// <param name="Client">The client's id.</param>
/// <param name="Change">What was changed.</param>
/// <param name="Writers">How many wrote, each as fast as it could.</param>
/// <param name="Acknowledged">The writes that were acknowledged.</param>
/// <param name="Failed">The writes that ended with an error.</param>
/// <param name="Lost">The acknowledged writes that the cluster does not have in the end.</param>
/// <param name="Repeated">The writes that it has, and that were neither acknowledged nor failed.</param>
/// <param name="LongestCall">The longest time in one call, in milliseconds.</param>
/// <param name="Errors">The different errors.</param>
internal sealed record ChangeRun(
    string Client,
    ChangeKind Change,
    int Writers,
    long Acknowledged,
    long Failed,
    long Lost,
    long Repeated,
    double LongestCall,
    IReadOnlyList<string> Errors);
