using System.Globalization;
using ConvoyRedis.Testing.Processes;

namespace ConvoyRedis.Testing;

/// <summary>A Redis Cluster of masters.</summary>
public sealed class ClusterTopology : RedisTopology
{
    private const int Slots = 16384;
    private readonly ClusterOptions _options;

    private ClusterTopology(LabDirectory directory, ClusterOptions options)
        : base(directory, options.Tls)
    {
        _options = options;
        Nodes = [.. Enumerable.Range(1, options.Masters).Select(number => CreateNode($"node{number}"))];
    }

    /// <summary>The masters.</summary>
    public IReadOnlyList<RedisServer> Nodes { get; }

    /// <inheritdoc />
    public override IEnumerable<RedisServer> Servers => Nodes;

    /// <inheritdoc />
    public override IReadOnlyDictionary<string, string> EnvironmentVariables
    {
        get
        {
            var variables = new Dictionary<string, string>(TlsVariables())
            {
                ["CONVOY_REDIS_SCHEME"] = Certificates is null ? "redis" : "rediss",
                ["CONVOY_REDIS_CLUSTER_ADDRESSES"] = string.Join(',', Nodes.Select(node => node.Address)),
            };
            if (_options.Password is not null)
                variables["CONVOY_REDIS_PASSWORD"] = _options.Password;
            return variables;
        }
    }

    /// <summary>Starts a cluster and waits until all of its nodes say that it is whole.</summary>
    /// <param name="options">What it is like; by default 3 masters without password and TLS.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RedisNotInstalledException">There is no redis-server.</exception>
    /// <exception cref="RedisStartException">It did not start.</exception>
    public static Task<ClusterTopology> StartAsync(ClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        RedisBinary.Find();
        var cluster = new ClusterTopology(new LabDirectory(), options ?? new ClusterOptions());
        return StartAsync(cluster, () => cluster.FormAsync(cancellationToken));
    }

    private RedisServer CreateNode(string name)
    {
        var configuration = new ServerConfiguration
        {
            Directory = Directory.CreateSubdirectory(name),
            Port = FreePort.Next(),
            Tls = Certificates,
            DemandClientCertificate = DemandsClientCertificate,
            Login = _options.Password is null ? [] : [_options.Password],
        };
        configuration.AddPlace();
        configuration.Add("save \"\"", "cluster-enabled yes", "cluster-node-timeout 2000", $"cluster-port {FreePort.Next()}");
        if (Certificates is not null)
            configuration.Add("tls-cluster yes");
        if (_options.Password is { } password)
            configuration.Add($"requirepass {ConfigurationText.Quote(password)}", $"masterauth {ConfigurationText.Quote(password)}");
        configuration.Write();
        return new RedisServer(configuration);
    }

    private async Task FormAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Nodes.Select(node => node.StartAsync(cancellationToken))).ConfigureAwait(false);
        for (var i = 0; i < Nodes.Count; i++)
        {
            var (first, next) = (Slots * i / Nodes.Count, Slots * (i + 1) / Nodes.Count);
            await DemandAsync(Nodes[i], "CLUSTER", "ADDSLOTSRANGE", Number(first), Number(next - 1)).ConfigureAwait(false);
            await DemandAsync(Nodes[i], "CLUSTER", "SET-CONFIG-EPOCH", Number(i + 1)).ConfigureAwait(false);
        }

        foreach (var node in Nodes.Skip(1))
        {
            var bus = await Nodes[0].ExecuteAsync("CONFIG", "GET", "cluster-port").ConfigureAwait(false);
            await DemandAsync(node, "CLUSTER", "MEET", Nodes[0].Host, Number(Nodes[0].Port), bus.Field("cluster-port")!).ConfigureAwait(false);
        }

        await Waiting.UntilAsync("the cluster is whole", async () =>
        {
            foreach (var node in Nodes)
            {
                var info = (await node.ExecuteAsync("CLUSTER", "INFO").ConfigureAwait(false)).Text!;
                var isWhole = info.Contains("cluster_state:ok", StringComparison.Ordinal)
                    && info.Contains($"cluster_known_nodes:{Nodes.Count}", StringComparison.Ordinal);
                if (!isWhole)
                    return false;
            }

            return true;
        }, cancellationToken).ConfigureAwait(false);
    }

    private static async Task DemandAsync(RedisServer node, params string[] command)
    {
        var reply = await node.ExecuteAsync(command).ConfigureAwait(false);
        if (reply.IsError)
            throw node.StartFailure($"refused {string.Join(' ', command)}: {reply}");
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
