using System.Collections.Concurrent;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>A cluster's master fails: what waits for it continues at its successor at once.</summary>
public sealed class ClusterFailoverTests
{
    private const string NamesAndTls = "host names, TLS, a password";
    private const string AddressMapAndUser = "an address map, a user";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<MasterFault, string> Faults => new()
    {
        { MasterFault.Kill, "addresses" },
        { MasterFault.Hang, "addresses" },
        { MasterFault.Kill, NamesAndTls },
        { MasterFault.Hang, AddressMapAndUser },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task MasterFails_WritersGoOnAtItsReplicaAtOnce_AndItReturnsAsAReplica(MasterFault fault, string knownBy)
    {
        if (knownBy is NamesAndTls or AddressMapAndUser)
            ServerVersion.Require(7, "cluster-announce-hostname");
        await using var cluster = await ClusterTopology.StartAsync(OptionsOf(knownBy), Token);
        var options = cluster.Options();
        if (knownBy == AddressMapAndUser)
        {
            options.Addresses = string.Join(',', cluster.Nodes.Select(Announced));
            options.AddressMap = string.Join(',', cluster.Nodes.Select(node => $"{Announced(node)}={node.Address}"));
            (options.Username, options.Password) = ("app", "p");
        }
        else if (knownBy == NamesAndTls)
        {
            options.Addresses = string.Join(',', cluster.Nodes.Select(node => $"localhost:{node.Port}"));
        }

        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var moves = new ConcurrentQueue<MasterChangedEventArgs>();
        connection.MasterChanged += (_, move) => moves.Enqueue(move);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var master = await cluster.GetMasterAsync(0, Token);
        var replica = (await cluster.GetReplicasAsync(master, Token)).Single();
        await using var writers = new ShardWriters(multiplexer.GetDatabase());
        await writers.WriteOnAsync(Token);

        await (fault == MasterFault.Kill ? master.KillAsync() : master.HangAsync());
        var lag = await writers.MeasureAsync(replica, Token);

        TestContext.Current.TestOutputHelper!.WriteLine($"{fault}: {lag.TotalMilliseconds:0.0} ms, {writers.Errors.Count} failed");
        Assert.True(lag < Bound, $"The first write came {lag.TotalMilliseconds} ms after the promotion.");
        AssertFailedOnlyInFlight(writers, cuts: 1);
        await Eventually.TrueAsync(() => !moves.IsEmpty, Token);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join("\n", moves.Single().Timeline));
        Assert.Equal(
            (master.Port, replica.Port, "0-5460"),
            (moves.Single().Previous!.Value.Port, moves.Single().Current.Port, string.Join(' ', moves.Single().Slots)));

        // The replica says so itself, or another node that has heard of it already.
        Assert.Contains(moves.Single().Cause, new[] { MasterChangeCause.Promoted, MasterChangeCause.Announced });

        await (fault == MasterFault.Kill ? master.RestartAsync(Token) : master.ResumeAsync());
        await cluster.WaitUntilSettledAsync(Token);
        var former = multiplexer.GetServers().First(server => Client.Tunnel.MasterTunnel.ToNode(server.EndPoint).Port == master.Port);
        await Eventually.TrueAsync(async () => await IsReplicaAsync(former), Token);
        await writers.WriteOnAsync(Token);
        await writers.StopAndCheckAsync(replica);
        AssertFailedOnlyInFlight(writers, cuts: 1);
    }

    // One of the two is elected, and dies in its turn.
    [Fact]
    public async Task TwoReplicasCompete_AndTheSuccessorFailsToo_WritersFollowBothTimes()
    {
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { Replicas = 2 }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(cluster.Options(), Token);
        await using var writers = new ShardWriters((await connection.GetMultiplexerAsync(Token)).GetDatabase());
        var (master, failed) = (await cluster.GetMasterAsync(0, Token), new List<RedisServer>());

        foreach (var fault in (MasterFault[])[MasterFault.Kill, MasterFault.Hang])
        {
            await writers.WriteOnAsync(Token);
            var replicas = await cluster.GetReplicasAsync(master, Token);
            failed.Add(master);
            await (fault == MasterFault.Kill ? master.KillAsync() : master.HangAsync());
            await Eventually.TrueAsync(async () => (await Task.WhenAll(replicas.Select(IsMasterAsync))).Contains(true), Token);
            await writers.WriteOnAsync(Token);
            master = (await Task.WhenAll(replicas.Select(async replica => (Replica: replica, IsMaster: await IsMasterAsync(replica))))).Single(node => node.IsMaster).Replica;
            await Eventually.TrueAsync(async () => (await cluster.GetReplicasAsync(master, Token)).Count == 2 - failed.Count, Token);
        }

        await failed[0].RestartAsync(Token);
        await failed[1].ResumeAsync();
        await cluster.WaitUntilSettledAsync(Token);
        await writers.WriteOnAsync(Token);
        await writers.StopAndCheckAsync(master);
        AssertFailedOnlyInFlight(writers, cuts: 2);
    }

    [Fact]
    public async Task ReplicaAdded_AndTheFirstOneRemoved_TheNewOneTakesOver()
    {
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { Replicas = 1 }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(cluster.Options(), Token);
        await using var writers = new ShardWriters((await connection.GetMultiplexerAsync(Token)).GetDatabase());
        var master = await cluster.GetMasterAsync(0, Token);
        var removed = (await cluster.GetReplicasAsync(master, Token)).Single();

        var added = await cluster.AddNodeAsync(Token);
        await added.ExecuteAsync("CLUSTER", "REPLICATE", (await master.ExecuteAsync("CLUSTER", "MYID")).Text!);
        await removed.KillAsync();
        await Eventually.TrueAsync(async () => (await cluster.GetReplicasAsync(master, Token)).Contains(added), Token);
        await writers.WriteOnAsync(Token);
        await master.KillAsync();
        var lag = await writers.MeasureAsync(added, Token);

        Assert.True(lag < Bound, $"The first write came {lag.TotalMilliseconds} ms after the promotion.");
        await writers.StopAndCheckAsync(added);
    }

    [Fact]
    public async Task WholeShardIsLost_OthersServe_TheHealthCheckNamesIt_AndItComesBack()
    {
        await using var cluster = await ClusterTopology.StartAsync(
            new ClusterOptions { Replicas = 1, NodeConfiguration = ["cluster-require-full-coverage no", "appendonly yes", "appendfsync always"] }, Token);
        var variables = new Dictionary<string, string>(cluster.EnvironmentVariables) { ["CONVOY_REDIS_COMMAND_TIMEOUT"] = "2s" };
        var services = new ServiceCollection().AddLogging().AddConvoyRedis(Deployment.Sources(variables)).Services;
        services.AddHealthChecks().AddConvoyRedis();
        await using var provider = services.BuildServiceProvider();
        var multiplexer = provider.GetRequiredService<IConnectionMultiplexer>();
        var master = await cluster.GetMasterAsync(0, Token);
        var replica = (await cluster.GetReplicasAsync(master, Token)).Single();
        await using var writers = new ShardWriters(multiplexer.GetDatabase());
        await writers.WriteOnAsync(Token);
        var health = provider.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(Token)).Status);

        await replica.KillAsync();
        await Eventually.TrueAsync(async () => (await DescribeAsync(health)).Contains("Shard 0-5460 has no replica", StringComparison.Ordinal), Token);
        await master.KillAsync();
        await Eventually.TrueAsync(async () => (await DescribeAsync(health)).Contains("Shard 0-5460 has no master", StringComparison.Ordinal), Token);
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(Token)).Status);
        await multiplexer.GetDatabase().StringSetAsync("{6ZJ}", "elsewhere");

        await Task.WhenAll(master.RestartAsync(Token), replica.RestartAsync(Token));
        await writers.WriteOnAsync(Token);
        await Eventually.TrueAsync(async () => (await health.CheckHealthAsync(Token)).Status == HealthStatus.Healthy, Token);
        await writers.StopAndCheckAsync(await cluster.GetMasterAsync(0, Token));
    }

    // As pods do, of which clients know one name.
    [Fact]
    public async Task AllNodesRestart_WithOtherAddressesBehindOneName_WritersGoOn()
    {
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { NodeConfiguration = ["appendonly yes", "appendfsync always"] }, Token);
        await using var entrance = TcpProxy.Start(cluster.Nodes[1].Host, cluster.Nodes[1].Port);
        var options = cluster.Options();
        (options.Addresses, options.Host, options.Port) = (null, entrance.Host, entrance.Port);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        await using var writers = new ShardWriters((await connection.GetMultiplexerAsync(Token)).GetDatabase());
        await writers.WriteOnAsync(Token);

        await cluster.RestartElsewhereAsync(Token);
        entrance.Retarget(cluster.Nodes[1].Host, cluster.Nodes[1].Port);
        entrance.DropConnections();

        await writers.WriteOnAsync(Token);
        await writers.StopAndCheckAsync(cluster.Nodes[0]);
    }

    // The reset comes when the master is suspected: once the other nodes have heard of it, the shard has no replica whose succession could be awaited. The
    // nodes themselves are patient, so that the replica is not elected before.
    [Fact]
    public async Task ResetOfAReplica_MasterHangsMeanwhile_IsNoSuccession()
    {
        await using var cluster = await ClusterTopology.StartAsync(
            new ClusterOptions { Replicas = 1, NodeConfiguration = ["cluster-node-timeout 8000"] }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(cluster.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync("{06S}", "before");
        var master = await cluster.GetMasterAsync(0, Token);
        var replica = (await cluster.GetReplicasAsync(master, Token)).Single();
        await Task.Delay(Client.Connection.ClusterMonitor.Period, Token);

        await master.HangAsync();
        await Eventually.TrueAsync(() => connection.Phase == ConvoyRedisPhase.FailingOver, Token);
        await replica.ExecuteAsync("CLUSTER", "RESET", "SOFT");
        var writing = database.StringSetAsync("{06S}", "after");
        await Task.Delay(Bound, Token);
        await master.ResumeAsync();
        await writing;

        Assert.Equal("after", (await master.ExecuteAsync("GET", "{06S}")).Text);
    }

    private static ClusterOptions OptionsOf(string knownBy) => knownBy switch
    {
        "addresses" => new ClusterOptions { Replicas = 1 },
        AddressMapAndUser => new ClusterOptions
        {
            Replicas = 1,
            AnnouncedHostname = "redis.example",
            NodeConfiguration = ["user app on >p ~* &* +@all"],
        },
        _ => new ClusterOptions { Replicas = 1, AnnouncedHostname = "localhost", Password = "p", Tls = new TlsSettings { ServerNames = ["localhost"] } },
    };

    // What is in flight when a stream ends fails; and what a caller that is quick enough writes next, before StackExchange.Redis has seen the end.
    private static void AssertFailedOnlyInFlight(ShardWriters writers, int cuts)
    {
        // What was refused in the election is asked again, unless what was written after it has been executed: the order is kept.
        Assert.All(writers.Errors, error => Assert.True(
            error is RedisConnectionException || error.Message.StartsWith("CLUSTERDOWN", StringComparison.Ordinal), $"{error.GetType()}: {error.Message}"));
        Assert.InRange(writers.Errors.Count, 0, 2 * cuts * ShardWriters.Count);
    }

    private static string Announced(RedisServer node) => $"redis.example:{node.Port}";

    private static async Task<bool> IsReplicaAsync(IServer server)
    {
        try
        {
            return await server.RoleAsync() is Role.Replica;
        }
        catch (RedisConnectionException)
        {
            return false;
        }
    }

    private static async Task<bool> IsMasterAsync(RedisServer node) => node.IsRunning && (await node.ExecuteAsync("ROLE")).Items[0].Text == "master";

    private static async Task<string> DescribeAsync(HealthCheckService health)
    {
        var report = await health.CheckHealthAsync(Token);
        return string.Join(' ', report.Entries.Values.Select(entry => entry.Description));
    }
}
