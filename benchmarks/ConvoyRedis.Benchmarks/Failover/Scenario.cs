using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>A deployment, and what happens there.</summary>
/// <param name="Id">Its name in the results.</param>
/// <param name="Kind">The deployment.</param>
/// <param name="Name">The fault's name on the command line.</param>
/// <param name="Fault">The fault's name in reports.</param>
/// <param name="StartAsync">Starts the deployment.</param>
internal sealed record Scenario(
    string Id, DeploymentKind Kind, string Name, string Fault, Func<CancellationToken, Task<IFailoverLab>> StartAsync)
{
    /// <summary>The planned failover with sentinels.</summary>
    public static readonly Scenario Planned = OfSentinels("Planned", "planned", "`SENTINEL FAILOVER`", MasterFault.Planned) with { IsPlanned = true };

    /// <summary>All of them, in the order of the reports.</summary>
    public static readonly IReadOnlyList<Scenario> All =
    [
        OfSentinels("Killed", "kill", "master killed", MasterFault.Kill),
        Planned,
        OfSentinels("Hung", "hang", "master hung", MasterFault.Hang),
        OfSentinels("KilledAndSentinelKilled", "kill-and-sentinel-kill", "master and a sentinel killed", MasterFault.Kill, MasterFault.Kill),
        OfSentinels("KilledAndSentinelHung", "kill-and-sentinel-hang", "master killed, a sentinel hung", MasterFault.Kill, MasterFault.Hang),
        OfACluster("ClusterKilled", "kill", "master killed", MasterFault.Kill),
        OfACluster("ClusterHung", "hang", "master hung", MasterFault.Hang),
        OfACluster("ClusterPlanned", "planned", "`CLUSTER FAILOVER`", MasterFault.Planned) with { IsPlanned = true },
        OfAnEndpoint("EndpointMoves", "moves", "name moves, old node is a replica", isSilent: false) with { IsPlanned = true },
        OfAnEndpoint("EndpointMovesReading", "moves-reading", "name moves, old node is a replica, only reading", isSilent: false) with { IsReading = true },
        OfAnEndpoint("EndpointSilent", "silent", "old node silent, name moves", isSilent: true),
    ];

    /// <summary>Whether nothing is broken: then nothing needs to be lost.</summary>
    public bool IsPlanned { get; private init; }

    /// <summary>Whether the clients only read.</summary>
    public bool IsReading { get; private init; }

    /// <summary>Its name in reports.</summary>
    public string Text => $"{NameOf(Kind)}: {Fault}";

    public override string ToString() => $"{Kind} {Name}";

    private static string NameOf(DeploymentKind kind) => kind switch
    {
        DeploymentKind.Sentinel => "Sentinel",
        DeploymentKind.Cluster => "cluster",
        _ => "endpoint",
    };

    private static Scenario OfSentinels(string id, string name, string text, MasterFault fault, MasterFault? ofFirstSentinel = null) =>
        new(id, DeploymentKind.Sentinel, name, text, stop => SentinelLab.StartAsync(fault, ofFirstSentinel, stop));

    private static Scenario OfACluster(string id, string name, string text, MasterFault fault) =>
        new(id, DeploymentKind.Cluster, name, text, stop => ClusterLab.StartAsync(fault, stop));

    private static Scenario OfAnEndpoint(string id, string name, string text, bool isSilent) =>
        new(id, DeploymentKind.Endpoint, name, text, stop => EndpointLab.StartAsync(isSilent, stop));
}
