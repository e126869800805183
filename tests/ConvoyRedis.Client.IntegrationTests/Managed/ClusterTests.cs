using System.Net;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Polly.Registry;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>Clusters as managed services have them: nodes go by their addresses, or (not null) by a host name that they announce.</summary>
public sealed class ClusterTests
{
    private const string KeyInSlot0 = "{06S}";
    private const string KeyInLastSlot = "{6ZJ}";
    private const int LastSlots = 16_184;
    private const string LastSlot = "16383";
    private const int Callers = 16;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The certificates are made out to the one name alone.
    [Theory]
    [InlineData(null)]
    [InlineData("localhost")]
    public async Task OneHostName_LeadsToNodesThatOnlyTheClusterNames(string? announced)
    {
        if (announced is not null)
            ServerVersion.Require(7, "cluster-announce-hostname");
        await using var cluster = await ClusterTopology.StartAsync(
            new ClusterOptions { AnnouncedHostname = announced, Password = "p", Tls = new TlsSettings { ServerNames = ["localhost"] } }, Token);
        await using var entrance = TcpProxy.Start(cluster.Nodes[1].Host, cluster.Nodes[1].Port);
        var options = cluster.Options();
        (options.Addresses, options.Host, options.Port) = (null, "localhost", entrance.Port);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => database.StringSetAsync($"key:{number}", number)));

        foreach (var node in cluster.Nodes)
            Assert.NotEqual("0", (await node.ExecuteAsync("DBSIZE")).Text);
        Assert.Equal(ConvoyRedisTopology.Cluster, connection.Target.Topology);
    }

    // As before Redis 6.
    [Fact]
    public async Task OneHostName_HelloUnknown_IsACluster()
    {
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { NodeConfiguration = ["rename-command HELLO \"\""] }, Token);
        var options = cluster.Options();
        (options.Addresses, options.Host, options.Port) = (null, cluster.Nodes[0].Host, cluster.Nodes[0].Port);

        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);

        await (await connection.GetMultiplexerAsync(Token)).GetDatabase().StringSetAsync("key", "value");
        Assert.Equal(ConvoyRedisTopology.Cluster, connection.Target.Topology);
    }

    [Fact]
    public async Task OneHostName_WithADatabase_IsAnErrorThatNamesIt()
    {
        await using var cluster = await ClusterTopology.StartAsync(cancellationToken: Token);
        var options = cluster.Options();
        (options.Addresses, options.Host, options.Port, options.Database) = (null, cluster.Nodes[0].Host, cluster.Nodes[0].Port, 3);

        var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        Assert.Equal(ConvoyRedisFault.WrongServer, exception.Fault);
        Assert.Contains("Set database to 0 (it is 3)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneHostName_PasswordChanged_IsTakenOverAndStaysACluster()
    {
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { NodeConfiguration = ["user app on >before >after ~* &* +@all"] }, Token);
        var directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");
        var file = Path.Combine(directory.FullName, "password");
        await File.WriteAllTextAsync(file, "before", Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(ConvoyRedisOptions.Load(Deployment.Sources(new Dictionary<string, string>
        {
            ["CONVOY_REDIS_HOST"] = cluster.Nodes[0].Address,
            ["CONVOY_REDIS_USERNAME"] = "app",
            ["CONVOY_REDIS_PASSWORD_FILE"] = file,
        })), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        await File.WriteAllTextAsync(file, "after", Token);
        await Eventually.TrueAsync(() => connection.Target.Password == "after", Token);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => database.StringSetAsync($"key:{number}", number)));

        Assert.Equal(ConvoyRedisTopology.Cluster, connection.Target.Topology);
        directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("localhost")]
    public async Task Resharding_UnderLoad_NoCommandFailsOrIsLost(string? announced)
    {
        if (announced is not null)
            ServerVersion.Require(7, "cluster-announce-hostname");
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { AnnouncedHostname = announced }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(cluster.Options(), Token);
        await using var load = new Load((await connection.GetMultiplexerAsync(Token)).GetDatabase(), writers: 16, bytes: 100);
        await Eventually.TrueAsync(() => load.Acknowledged > 1000, Token);

        await cluster.MoveSlotsAsync(cluster.Nodes[0], cluster.Nodes[1], Enumerable.Range(0, 200), Token);
        await cluster.MoveSlotsAsync(cluster.Nodes[2], cluster.Nodes[0], Enumerable.Range(LastSlots, 200), Token);
        await load.StopAsync();

        Assert.Empty(load.Errors);
        Assert.Equal((0, 0), await load.CheckAsync());
    }

    // StackExchange.Redis fails what it is sent on with (ASK) to a node that it is not connected to.
    [Theory]
    [InlineData(null)]
    [InlineData("localhost")]
    public async Task Resharding_ToANodeAddedAMomentAgo_UnderLoad_NoCommandFailsOrIsLost(string? announced)
    {
        if (announced is not null)
            ServerVersion.Require(7, "cluster-announce-hostname");
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { AnnouncedHostname = announced }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(cluster.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await using var load = new Load(database, writers: 16, bytes: 100);
        await Eventually.TrueAsync(() => load.Acknowledged > 1000, Token);

        var (source, added) = (cluster.Nodes[2], await cluster.AddNodeAsync(Token));

        // While a slot moves, the source answers ASK for a key that it does not have: the client must ask the added node.
        await added.ExecuteAsync("CLUSTER", "SETSLOT", LastSlot, "IMPORTING", await IdAsync(source));
        await source.ExecuteAsync("CLUSTER", "SETSLOT", LastSlot, "MIGRATING", await IdAsync(added));
        await database.StringSetAsync(KeyInLastSlot, "value");
        Assert.StartsWith("ASK ", (await source.ExecuteAsync("GET", KeyInLastSlot)).Text, StringComparison.Ordinal);
        await cluster.MoveSlotsAsync(source, added, Enumerable.Range(LastSlots, 200), Token);
        await load.StopAsync();

        Assert.Empty(load.Errors);
        Assert.Equal("value", (await added.ExecuteAsync("GET", KeyInLastSlot)).Text);
        Assert.NotEqual("1", (await added.ExecuteAsync("DBSIZE")).Text);
        Assert.Equal((0, 0), await load.CheckAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("localhost")]
    public async Task PlannedFailover_UnderLoad_NoCommandFailsOrIsLostOrRepeated(string? announced)
    {
        if (announced is not null)
            ServerVersion.Require(7, "cluster-announce-hostname");
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { Replicas = 1, AnnouncedHostname = announced }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(cluster.Options(), Token);
        var replica = (await cluster.GetReplicasAsync(cluster.Nodes[0], Token)).Single();
        await using var load = new Load((await connection.GetMultiplexerAsync(Token)).GetDatabase(), writers: 64, bytes: 100);
        await Eventually.TrueAsync(() => load.Acknowledged > 1000, Token);

        await cluster.FailoverAsync(replica, Token);
        var before = load.Acknowledged;
        await Eventually.TrueAsync(() => load.Acknowledged > before + 1000, Token);
        await load.StopAsync();

        Assert.Empty(load.Errors);
        Assert.Equal((0, 0), await load.CheckAsync());
    }

    // It fails the writes in its backlog to a node that it has just read to be a replica, unless it may write there: seen in planned failovers.
    [Fact]
    public async Task Nodes_StackExchangeRedisMayWriteToEach()
    {
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { Replicas = 1 }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(cluster.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var added = new IPEndPoint(IPAddress.Loopback, (await cluster.AddNodeAsync(Token)).Port);
        List<IServer> connected = [];
        await Eventually.TrueAsync(
            () =>
            {
                connected = [.. multiplexer.GetServers().Where(server => server.IsConnected)];
                return connected.Count >= 7 && connected.Exists(server => added.Equals(server.EndPoint));
            }, Token);

        Assert.All(connected, server => Assert.True(server.AllowReplicaWrites, $"{server.EndPoint}"));
    }

    // As when a node before Redis 7.4 hears in a planned failover that the old master is a replica before it hears of the new one.
    [Fact]
    public async Task NodeThatMissesASlotForAMoment_CommandsWithRetryAreAppliedOnce()
    {
        await using var cluster = await ClusterTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(cluster.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await using var load = new Load(database.WithRetry(), writers: 16, bytes: 100);
        await Eventually.TrueAsync(() => load.Acknowledged > 1000, Token);

        // The slot's master may tell the node of it at any time.
        await Eventually.TrueAsync(async () =>
        {
            await cluster.Nodes[2].ExecuteAsync("CLUSTER", "DELSLOTS", "0");
            var refusal = await cluster.Nodes[2].ExecuteAsync("GET", KeyInLastSlot);
            return refusal.IsError && refusal.Text!.StartsWith("CLUSTERDOWN", StringComparison.Ordinal);
        }, Token);
        var before = load.Acknowledged;
        await Eventually.TrueAsync(() => load.Acknowledged > before + 1000, Token);
        await load.StopAsync();

        Assert.Empty(load.Errors);
        Assert.Equal((0, 0), await load.CheckAsync());
    }

    // Meanwhile every node refuses every command (CLUSTERDOWN), also those that do not concern the dead one.
    [Theory]
    [InlineData(null)]
    [InlineData("localhost")]
    public async Task DeadMaster_CommandsWithRetryAndPipelines_GoOnAtItsReplica(string? announced)
    {
        if (announced is not null)
            ServerVersion.Require(7, "cluster-announce-hostname");
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { Replicas = 1, AnnouncedHostname = announced }, Token);

        using var host = await Deployment.StartHostAsync(cluster, Token);
        var database = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        var (retrying, pipeline) = (database.WithRetry(), host.Services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(ConvoyRedisResilience.PipelineName));
        var master = await cluster.GetMasterAsync(0, Token);
        var replica = (await cluster.GetReplicasAsync(master, Token)).Single();
        using var stop = new CancellationTokenSource();
        var rounds = new int[2 * Callers];
        var callers = Enumerable.Range(0, Callers).SelectMany<int, Func<Task>>(caller => [
            () => retrying.StringSetAsync($"retry:{caller}", "value"),
            () => pipeline.ExecuteAsync(async _ => await database.StringSetAsync($"pipeline:{caller}", "value"), Token).AsTask(),
        ]).Select((work, caller) => Task.Run(async () =>
        {
            for (; !stop.IsCancellationRequested; Interlocked.Increment(ref rounds[caller]))
                await work();
        })).ToList();
        Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(() => callers.Exists(caller => caller.IsFaulted) || condition(), Token);
        await UntilAsync(() => rounds.All(done => done > 10));

        await master.KillAsync();
        await retrying.StringSetAsync(KeyInSlot0, "after");
        var before = rounds.ToArray();
        await UntilAsync(() => rounds.Zip(before).All(pair => pair.First > pair.Second + 10));
        await stop.CancelAsync();
        await Task.WhenAll(callers);

        Assert.Equal("after", (await replica.ExecuteAsync("GET", KeyInSlot0)).Text);
    }

    private static async Task<string> IdAsync(RedisServer node) => (await node.ExecuteAsync("CLUSTER", "MYID")).Text!;
}
