using System.Diagnostics;
using System.Globalization;
using ConvoyRedis.Testing.Processes;

namespace ConvoyRedis.Testing;

/// <summary>A Redis Cluster.</summary>
public sealed class ClusterTopology : RedisTopology
{
    private const int Slots = 16384;
    private const int KeysAtOnce = 100;

    // Redis gives a manual failover up after 5 s.
    private static readonly TimeSpan FailoverLimit = TimeSpan.FromSeconds(6);

    private readonly ClusterOptions _options;
    private readonly List<RedisServer> _nodes;

    private ClusterTopology(LabMachine machine, ClusterOptions options)
        : base(machine, options.Tls)
    {
        _options = options;
        _nodes = [.. Enumerable.Range(1, options.Masters * (1 + options.Replicas)).Select(number => CreateNode(machine.CreateSubdirectory($"node{number}")))];
    }

    /// <summary>The nodes: those that began as masters, then the replicas, then those that were added.</summary>
    public IReadOnlyList<RedisServer> Nodes => _nodes;

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

    /// <summary>Starts a cluster, and waits until all its nodes report the cluster as ok.</summary>
    /// <param name="options">What it is like; by default 3 masters without replicas, password and TLS.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RedisNotInstalledException">There is neither redis-server nor a container engine.</exception>
    /// <exception cref="RedisStartException">It did not start.</exception>
    public static Task<ClusterTopology> StartAsync(ClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        var cluster = new ClusterTopology(LabMachine.Find()(), options ?? new ClusterOptions());
        return StartAsync(cluster, () => cluster.FormAsync(cancellationToken));
    }

    /// <summary>Returns the master that serves a slot, as the cluster reports it.</summary>
    /// <param name="slot">The slot, from 0 to 16383.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<RedisServer> GetMasterAsync(int slot, CancellationToken cancellationToken = default)
    {
        var anybody = _nodes.First(node => node.CanAnswer);
        var ranges = await anybody.ExecuteAsync(["CLUSTER", "SLOTS"], cancellationToken).ConfigureAwait(false);
        var range = ranges.Items.First(range => int.Parse(range.Items[0].Text!, CultureInfo.InvariantCulture) <= slot
            && slot <= int.Parse(range.Items[1].Text!, CultureInfo.InvariantCulture));
        return _nodes.Single(node => $"{node.Port}" == range.Items[2].Items[1].Text);
    }

    /// <summary>Returns the running replicas of a master.</summary>
    /// <param name="master">The master.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<RedisServer>> GetReplicasAsync(RedisServer master, CancellationToken cancellationToken = default)
    {
        var replicas = new List<RedisServer>();
        foreach (var node in _nodes.Where(node => node.CanAnswer))
        {
            var role = await node.ExecuteAsync(["ROLE"], cancellationToken).ConfigureAwait(false);
            if (role.Items[0].Text == "slave" && role.Items[2].Text == $"{master.Port}")
                replicas.Add(node);
        }

        return replicas;
    }

    /// <summary>Makes a replica the master, as <c>CLUSTER FAILOVER</c> does, and waits until it is.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">The node is not one of this cluster.</exception>
    public async Task FailoverAsync(RedisServer replica, CancellationToken cancellationToken = default)
    {
        if (!_nodes.Contains(replica))
            throw new ArgumentException($"{replica} does not belong to this cluster.", nameof(replica));
        var ordered = 0L;
        await Waiting.UntilAsync($"{replica.Address} is a master", async () =>
        {
            if ((await replica.ExecuteAsync(["ROLE"], cancellationToken).ConfigureAwait(false)).Items[0].Text == "master")
                return true;
            if (ordered == 0 || Stopwatch.GetElapsedTime(ordered) > FailoverLimit)
            {
                await DemandAsync(replica, "CLUSTER", "FAILOVER").ConfigureAwait(false);
                ordered = Stopwatch.GetTimestamp();
            }

            return false;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds an empty master.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<RedisServer> AddNodeAsync(CancellationToken cancellationToken = default)
    {
        var node = CreateNode(Machine.CreateSubdirectory($"node{_nodes.Count + 1}"));
        await node.StartAsync(cancellationToken).ConfigureAwait(false);
        _nodes.Add(node);
        await MeetAsync(node, _nodes[0]).ConfigureAwait(false);
        await WaitUntilSettledAsync(cancellationToken).ConfigureAwait(false);
        return node;
    }

    /// <summary>
    /// Ends every node, starts each with its data at another port, as when pods come back with other addresses, and makes them known to each other
    /// again. <see cref="Nodes"/> then has new objects, in the same order.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RestartElsewhereAsync(CancellationToken cancellationToken = default)
    {
        await Task.WhenAll(_nodes.Select(node => node.KillAsync())).ConfigureAwait(false);
        for (var i = 0; i < _nodes.Count; i++)
            _nodes[i] = CreateNode(_nodes[i].DataDirectory);
        await Task.WhenAll(_nodes.Select(node => node.StartAsync(cancellationToken))).ConfigureAwait(false);
        foreach (var (known, node) in _nodes.SelectMany((node, i) => _nodes.Take(i).Select(known => (known, node))))
            await MeetAsync(node, known).ConfigureAwait(false);
        await WaitUntilSettledAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Moves slots with their keys from one master to another, one slot after the other, as <c>redis-cli --cluster reshard</c> does.</summary>
    /// <param name="from">The master that has them.</param>
    /// <param name="to">The master that shall have them.</param>
    /// <param name="slots">The slots.</param>
    /// <param name="cancellationToken">Ends it after a slot.</param>
    public async Task MoveSlotsAsync(RedisServer from, RedisServer to, IEnumerable<int> slots, CancellationToken cancellationToken = default)
    {
        var (source, target) = (await IdAsync(from).ConfigureAwait(false), await IdAsync(to).ConfigureAwait(false));
        string[] login = _options.Password is { } password ? ["AUTH", password] : [];
        foreach (var slot in slots.Select(slot => $"{slot}"))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await DemandAsync(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", source).ConfigureAwait(false);
            await DemandAsync(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", target).ConfigureAwait(false);
            while (true)
            {
                var keys = await DemandAsync(from, "CLUSTER", "GETKEYSINSLOT", slot, $"{KeysAtOnce}").ConfigureAwait(false);
                if (keys.Items.Count == 0)
                    break;
                string[] names = [.. keys.Items.Select(key => key.Text!)];
                await DemandAsync(from, ["MIGRATE", to.Host, $"{to.Port}", "", "0", "5000", .. login, "KEYS", .. names]).ConfigureAwait(false);
            }

            // The new owner first: a slot without one would be an error.
            foreach (var node in (RedisServer[])[to, from])
                await DemandAsync(node, "CLUSTER", "SETSLOT", slot, "NODE", target).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Waits until every running node reports the cluster as ok, every replica follows its master, and every node knows it as a replica.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RedisStartException">This takes longer than 60 s.</exception>
    public Task WaitUntilSettledAsync(CancellationToken cancellationToken = default) =>
        Waiting.UntilAsync("the cluster is whole", () => ClusterAgreement.IsReachedAsync(_nodes, cancellationToken), cancellationToken);

    private RedisServer CreateNode(string directory)
    {
        var configuration = new ServerConfiguration
        {
            Directory = directory,
            Port = Machine.NextPort(ServerConfiguration.DefaultHost),
            Tls = Certificates,
            DemandClientCertificate = DemandsClientCertificate,
            Login = _options.Password is null ? [] : [_options.Password],
        };
        configuration.AddPlace(Machine);
        configuration.Add("save \"\"", "cluster-enabled yes", "cluster-node-timeout 2000", "repl-diskless-sync-delay 0",
            $"cluster-announce-ip {configuration.Host}");
        if (Machine.HasClusterPort)
            configuration.Add($"cluster-port {Machine.NextPort(ServerConfiguration.DefaultHost)}");
        if (_options.AnnouncedHostname is { } name)
            configuration.Add($"cluster-announce-hostname {name}", "cluster-preferred-endpoint-type hostname");
        if (Certificates is not null)
            configuration.Add("tls-cluster yes");
        if (_options.Password is { } password)
            configuration.Add($"requirepass {ConfigurationText.Quote(password)}", $"masterauth {ConfigurationText.Quote(password)}");
        configuration.Add(_options.NodeConfiguration);
        configuration.Write();
        return new RedisServer(Machine, configuration);
    }

    private async Task FormAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_nodes.Select(node => node.StartAsync(cancellationToken))).ConfigureAwait(false);
        for (var i = 0; i < _options.Masters; i++)
        {
            var (first, next) = (Slots * i / _options.Masters, Slots * (i + 1) / _options.Masters);

            // ADDSLOTSRANGE is of Redis 7.0.
            await DemandAsync(_nodes[i], ["CLUSTER", "ADDSLOTS", .. Enumerable.Range(first, next - first).Select(slot => $"{slot}")]).ConfigureAwait(false);
            await DemandAsync(_nodes[i], "CLUSTER", "SET-CONFIG-EPOCH", $"{i + 1}").ConfigureAwait(false);
        }

        foreach (var node in _nodes.Skip(1))
            await MeetAsync(node, _nodes[0]).ConfigureAwait(false);
        await WaitUntilSettledAsync(cancellationToken).ConfigureAwait(false);
        for (var i = _options.Masters; i < _nodes.Count; i++)
        {
            var master = await IdAsync(_nodes[i % _options.Masters]).ConfigureAwait(false);
            await DemandAsync(_nodes[i], "CLUSTER", "REPLICATE", master).ConfigureAwait(false);
        }

        await WaitUntilSettledAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task MeetAsync(RedisServer node, RedisServer known)
    {
        var bus = (await known.ExecuteAsync("CONFIG", "GET", "cluster-port").ConfigureAwait(false)).Field("cluster-port");
        await DemandAsync(node, ["CLUSTER", "MEET", known.Host, $"{known.Port}", .. bus is null ? Array.Empty<string>() : [bus]]).ConfigureAwait(false);
    }

    private static async Task<string> IdAsync(RedisServer node) => (await node.ExecuteAsync("CLUSTER", "MYID").ConfigureAwait(false)).Text!;

    private static async Task<RedisReply> DemandAsync(RedisServer node, params string[] command)
    {
        var reply = await node.ExecuteAsync(command).ConfigureAwait(false);
        if (reply.IsError)
            throw node.StartFailure($"refused {string.Join(' ', command.Take(3))}: {reply}");
        return reply;
    }
}
