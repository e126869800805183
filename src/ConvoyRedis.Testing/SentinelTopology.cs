using System.Globalization;
using System.Security.Cryptography;
using ConvoyRedis.Testing.Processes;

namespace ConvoyRedis.Testing;

/// <summary>A master, its replicas and their sentinels, configured as in Convoy's guide.</summary>
public sealed class SentinelTopology : RedisTopology
{
    private readonly List<RedisServer> _sentinels;
    private readonly SentinelAgreement _agreement;

    private SentinelTopology(LabMachine machine, SentinelOptions options)
        : base(machine, options.Tls)
    {
        Options = options;
        _agreement = new SentinelAgreement(this);
        var ports = Enumerable.Range(0, options.Nodes).Select(_ => Machine.NextPort(Options.Host)).ToList();
        Nodes = [.. ports.Select((port, index) => CreateNode(index + 1, port, ports[0]))];
        var sentinels = Enumerable.Range(0, options.Sentinels).Select(_ => (Port: Machine.NextPort(Options.Host), Id: NewSentinelId())).ToList();
        _sentinels = [.. sentinels.Select((own, index) => CreateSentinel(index + 1, own, Nodes[0], Nodes, sentinels))];
    }

    /// <summary>What the topology is like.</summary>
    public SentinelOptions Options { get; }

    /// <summary>The data nodes; whichever of them is the master.</summary>
    public IReadOnlyList<RedisServer> Nodes { get; }

    /// <summary>The sentinels.</summary>
    public IReadOnlyList<RedisServer> Sentinels => _sentinels;

    /// <inheritdoc />
    public override IEnumerable<RedisServer> Servers => Nodes.Concat(Sentinels);

    /// <inheritdoc />
    public override IReadOnlyDictionary<string, string> EnvironmentVariables
    {
        get
        {
            var variables = new Dictionary<string, string>(TlsVariables())
            {
                ["CONVOY_REDIS_SCHEME"] = "redis-sentinel",
                ["CONVOY_REDIS_HOST"] = string.Join(',', Sentinels.Select(sentinel => sentinel.Address)),
                ["CONVOY_REDIS_SENTINEL_MASTER_NAME"] = Options.MasterName,
            };
            if (Options.Password is not null)
                variables["CONVOY_REDIS_PASSWORD"] = Options.Password;
            if (Options.SentinelPassword is not null)
                variables["CONVOY_REDIS_SENTINEL_PASSWORD"] = Options.SentinelPassword;
            return variables;
        }
    }

    /// <summary>
    /// Starts a topology, and waits until a failover is possible: replicas are in sync, and every sentinel knows all others and all nodes.
    /// </summary>
    /// <param name="options">What it is like; by default 3 nodes and 3 sentinels as in the guide.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RedisNotInstalledException">There is neither redis-server nor a container engine.</exception>
    /// <exception cref="RedisStartException">It did not start.</exception>
    public static Task<SentinelTopology> StartAsync(SentinelOptions? options = null, CancellationToken cancellationToken = default)
    {
        var topology = new SentinelTopology(LabMachine.Find()(), options ?? new SentinelOptions());
        return StartAsync(topology, () => topology.StartServersAsync(cancellationToken));
    }

    /// <summary>Returns the node that most of the sentinels name as the master.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">No sentinel answers.</exception>
    public Task<RedisServer> GetMasterAsync(CancellationToken cancellationToken = default) => _agreement.GetMasterAsync(cancellationToken);

    /// <summary>
    /// Starts a planned failover (<c>SENTINEL FAILOVER</c>), and returns when a sentinel has accepted it. Call <see cref="WaitUntilSettledAsync"/> to
    /// wait for its end.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RedisStartException">No sentinel accepts it, because no replica can be promoted.</exception>
    public Task FailoverAsync(CancellationToken cancellationToken = default) => Waiting.UntilAsync("a failover is accepted", async () =>
    {
        var sentinel = Sentinels.First(sentinel => sentinel.CanAnswer);
        var reply = await sentinel.ExecuteAsync(["SENTINEL", "FAILOVER", Options.MasterName], cancellationToken).ConfigureAwait(false);
        return !reply.IsError;
    }, cancellationToken);

    /// <summary>Causes a fault of the present master.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task CauseAsync(MasterFault fault, CancellationToken cancellationToken = default)
    {
        var master = await GetMasterAsync(cancellationToken).ConfigureAwait(false);
        await (fault switch
        {
            MasterFault.Kill => master.KillAsync(),
            MasterFault.Hang => master.HangAsync(),
            _ => FailoverAsync(cancellationToken),
        }).ConfigureAwait(false);
    }

    /// <summary>
    /// Starts one more sentinel, which knows only the present master at first, and waits until it has found the replicas and the other sentinels.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<RedisServer> AddSentinelAsync(CancellationToken cancellationToken = default)
    {
        var master = await GetMasterAsync(cancellationToken).ConfigureAwait(false);
        var own = (Port: Machine.NextPort(Options.Host), Id: NewSentinelId());
        var sentinel = CreateSentinel(_sentinels.Count + 1, own, master, [], [own]);
        var others = Number(_sentinels.Count(other => other.CanAnswer));
        var replicas = Number(Nodes.Count(node => node.CanAnswer) - 1);
        _sentinels.Add(sentinel);
        await sentinel.StartAsync(cancellationToken).ConfigureAwait(false);
        await HastenAsync(() => Waiting.UntilAsync("the new sentinel knows the others", async () =>
        {
            var view = await sentinel.ExecuteAsync(["SENTINEL", "MASTER", Options.MasterName], cancellationToken).ConfigureAwait(false);
            return view.Field("num-other-sentinels") == others && view.Field("num-slaves") == replicas;
        }, cancellationToken), cancellationToken).ConfigureAwait(false);
        return sentinel;
    }

    /// <summary>
    /// Waits until all servers agree again: every running node follows one master, and every running sentinel names it and could start a failover.
    /// With Redis 7.0 or later, the sentinels ask more often meanwhile, so this takes some seconds instead of 20.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RedisStartException">They do not agree within 60 s.</exception>
    public Task WaitUntilSettledAsync(CancellationToken cancellationToken = default) => _agreement.HastenedWaitAsync(cancellationToken);

    /// <summary>
    /// Runs work while the sentinels ask the nodes, and inform each other, every 100 ms instead of every 10 s and 2 s (with Redis 7.0 or later). Do
    /// not call it during a failover: the sentinels would make the promoted node a replica again.
    /// </summary>
    /// <param name="work">The work, for example a wait for something that the sentinels do.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task HastenAsync(Func<Task> work, CancellationToken cancellationToken = default) =>
        _agreement.AtPaceAsync(SentinelAgreement.Fast, work, cancellationToken);

    private async Task StartServersAsync(CancellationToken cancellationToken)
    {
        await Nodes[0].StartAsync(cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(Nodes.Skip(1).Select(node => node.StartAsync(cancellationToken))).ConfigureAwait(false);

        // A sentinel looks at a replica's link when it first meets it and then every 10 s: it must be up by then.
        await Waiting.UntilAsync(
            "the replicas are in sync", () => _agreement.IsInSyncAsync(Nodes[0], cancellationToken), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(Sentinels.Select(sentinel => sentinel.StartAsync(cancellationToken))).ConfigureAwait(false);
        await _agreement.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private RedisServer CreateNode(int number, int port, int masterPort)
    {
        var configuration = new ServerConfiguration
        {
            Directory = Machine.CreateSubdirectory($"node{number}"),
            Host = Options.Host,
            Port = port,
            Tls = Certificates,
            DemandClientCertificate = DemandsClientCertificate,
            Login = Options.Password is null ? [] : [Options.Password],
        };

        // What is left out names places of the guide's machines, or takes their memory and threads.
        string[] replaced = ["bind ", "port ", "dir ", "logfile ", "requirepass ", "masterauth ", "maxmemory ", "io-threads "];
        configuration.AddGuide("redis.conf", line => !replaced.Any(setting => line.StartsWith(setting, StringComparison.Ordinal)));
        configuration.AddPlace(Machine);

        // After a copy over the socket, a master sends nothing until the replica has reported, which it does each second; after one by file, it goes on at once.
        configuration.Add("maxmemory 512mb", "repl-diskless-sync no", $"replica-announce-ip {configuration.Host}");
        if (Options.Password is { } password)
            configuration.Add($"requirepass {ConfigurationText.Quote(password)}", $"masterauth {ConfigurationText.Quote(password)}");
        if (port != masterPort)
            configuration.Add($"replicaof {configuration.Host} {masterPort}", "replica-serve-stale-data yes", "replica-read-only yes");
        configuration.Add(Options.NodeConfiguration);
        configuration.Write();
        return new RedisServer(Machine, configuration);
    }

    private RedisServer CreateSentinel(
        int number, (int Port, string Id) own, RedisServer master, IEnumerable<RedisServer> nodes, IEnumerable<(int Port, string Id)> all)
    {
        var configuration = new ServerConfiguration
        {
            Directory = Machine.CreateSubdirectory($"sentinel{number}"),
            Host = Options.Host,
            Port = own.Port,
            IsSentinel = true,
            Tls = Certificates,
            DemandClientCertificate = DemandsClientCertificate,
            Login = Options.SentinelPassword is null ? [] : [Options.SentinelPassword],
        };
        var (name, host) = (Options.MasterName, configuration.Host);
        configuration.AddPlace(Machine);
        if (configuration.IsHostName)
            configuration.Add("sentinel resolve-hostnames yes", "sentinel announce-hostnames yes");
        configuration.Add($"sentinel announce-ip {host}");
        configuration.Add($"sentinel monitor {name} {host} {master.Port} {Options.Quorum}");
        configuration.AddGuide("sentinel.conf", line => line.StartsWith("sentinel parallel-syncs ", StringComparison.Ordinal), name);
        configuration.Add(
            $"sentinel down-after-milliseconds {name} {Milliseconds(Options.DownAfter)}",
            $"sentinel failover-timeout {name} {Milliseconds(Options.FailoverTimeout)}");
        if (Options.Password is { } password)
            configuration.Add($"sentinel auth-pass {name} {ConfigurationText.Quote(password)}");
        if (Options.SentinelPassword is { } secret)
            configuration.Add($"requirepass {ConfigurationText.Quote(secret)}", $"sentinel sentinel-pass {ConfigurationText.Quote(secret)}");

        // Sentinels find each other and the replicas within some seconds; what they would write down then is told them here.
        configuration.Add($"sentinel myid {own.Id}");
        configuration.Add(nodes.Where(node => node != master).Select(node => $"sentinel known-replica {name} {host} {node.Port}"));
        configuration.Add(all.Where(other => other != own).Select(other => $"sentinel known-sentinel {name} {host} {other.Port} {other.Id}"));
        configuration.Write();
        return new RedisServer(Machine, configuration);
    }

    private static string NewSentinelId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    private static string Milliseconds(TimeSpan time) => Number((int)time.TotalMilliseconds);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
