using ConvoyRedis.Client;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tool.Drill;

/// <summary>A deployment that is started for a drill.</summary>
/// <param name="owner">Ends it.</param>
internal sealed class DrillLab(IAsyncDisposable owner) : IAsyncDisposable
{
    public const string Sentinel = "sentinel";
    public const string Cluster = "cluster";
    public const string Endpoint = "endpoint";

    /// <summary>Where it is.</summary>
    public required ConvoyRedisOptions Options { get; init; }

    /// <summary>Brings the fault about at a master; null where the deployment does it.</summary>
    public Func<ConvoyRedisEndpoint, Task>? Strike { get; init; }

    /// <summary>A fixed endpoint, which nobody but the lab can move; null for any other deployment.</summary>
    public IDrillDeployment? FixedEndpoint { get; init; }

    /// <summary>Starts a deployment.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="fault">What is going to happen to it.</param>
    /// <param name="progress">Told what is going on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RedisNotInstalledException">There is neither redis-server nor a container engine.</exception>
    /// <exception cref="RedisStartException">It did not start.</exception>
    public static async Task<DrillLab> StartAsync(string kind, DrillFault fault, Action<string> progress, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case Endpoint:
                progress("Starting 2 Redis nodes, a master and its replica, and a name that leads to the master.");
                var endpoint = await EndpointLab.StartAsync(fault, cancellationToken);
                return new DrillLab(endpoint) { Options = OptionsOf(endpoint.EnvironmentVariables), FixedEndpoint = endpoint };
            case Cluster:
                progress("Starting a cluster of 3 masters and 3 replicas.");
                return Of(await ClusterTopology.StartAsync(new ClusterOptions { Replicas = 1 }, cancellationToken), fault);
            default:
                progress("Starting 3 Redis nodes and 3 sentinels.");
                return Of(await SentinelTopology.StartAsync(cancellationToken: cancellationToken), fault);
        }
    }

    public ValueTask DisposeAsync() => owner.DisposeAsync();

    private static DrillLab Of(RedisTopology topology, DrillFault fault)
    {
        RedisServer Node(ConvoyRedisEndpoint endpoint) => topology.Servers.Single(node => node.Port == endpoint.Port);
        return new DrillLab(topology)
        {
            Options = OptionsOf(topology.EnvironmentVariables),
            Strike = fault switch
            {
                DrillFault.Kill => master => Node(master).KillAsync(),
                DrillFault.Hang => master => Node(master).HangAsync(),
                _ => null,
            },
        };
    }

    private static ConvoyRedisOptions OptionsOf(IReadOnlyDictionary<string, string> variables) => ConvoyRedisOptions.Load(new ConvoyRedisSources
    {
        ConvoyJsonPath = null,
        Environment = variables.ToDictionary(variable => variable.Key, variable => (string?)variable.Value),
    });
}
