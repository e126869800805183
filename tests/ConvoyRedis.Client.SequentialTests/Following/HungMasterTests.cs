using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.Following;

/// <summary>A master that hangs under commands for longer than four of their timeouts: every task ends, and nothing piles up.</summary>
[Trait("Alone", "process")]
public sealed class HungMasterTests
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hang = CommandTimeout * 5;
    private static readonly TimeSpan LongDownAfter = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // All at the same time, so that the hang is waited for once: a server, a master whose sentinels are patient, one that is failed over, a cluster's node.
    [Fact]
    public async Task Commands_MasterHangs_AllEndAndStreamsReturn()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var patient = await SentinelTopology.StartAsync(new SentinelOptions { DownAfter = LongDownAfter }, Token);
        await using var failedOver = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var cluster = await ClusterTopology.StartAsync(cancellationToken: Token);
        (RedisTopology Topology, RedisServer Master, bool IsResumed)[] deployments =
        [
            (redis, redis.Server, true),
            (patient, await patient.GetMasterAsync(Token), true),
            (failedOver, await failedOver.GetMasterAsync(Token), false),
            (cluster, cluster.Nodes[1], true),
        ];

        // The first connect of a process compiles what it needs, which may take longer than the timeout here.
        await (await ConvoyRedisConnection.ConnectAsync(redis.Options(), Token)).DisposeAsync();
        var connections = new List<ConvoyRedisConnection>();
        foreach (var (topology, _, _) in deployments)
            connections.Add(await ConnectAsync(topology));
        var all = await OpenSockets.CountWhenSettledAsync(Token);
        var streams = connections.ConvertAll(connection => connection.LiveStreams);
        var sockets = Array.ConvertAll(deployments, deployment => OpenSockets.Count(deployment.Topology));
        Assert.DoesNotContain(0, sockets);

        await Task.WhenAll(deployments.Select((deployment, number) => AssertAllEndAsync(connections[number], deployment.Master, deployment.IsResumed)));

        await Eventually.TrueAsync(() => connections.Select(connection => connection.LiveStreams).SequenceEqual(streams), Token);

        // Also the sum: a socket that never connected belongs to no deployment.
        await Eventually.TrueAsync(
            () => OpenSockets.Count() <= all && deployments.Zip(sockets).All(pair => OpenSockets.Count(pair.First.Topology) <= pair.Second), Token);
        foreach (var connection in connections)
        {
            await WriteAllAsync((await connection.GetMultiplexerAsync(Token)).GetDatabase());
            await connection.DisposeAsync();
        }
    }

    private static async Task<ConvoyRedisConnection> ConnectAsync(RedisTopology topology)
    {
        var options = topology.Options();
        options.CommandTimeout = CommandTimeout;
        var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);

        // The connection for subscriptions as well, which is opened when there is one. Not on a cluster: there StackExchange.Redis subscribes
        // again at another node, and keeps the connection to the first one beside it.
        if (connection.Target.Topology != ConvoyRedisTopology.Cluster)
            await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("channel"), (_, _) => { });
        await WriteAllAsync(multiplexer.GetDatabase());
        return connection;
    }

    private static async Task AssertAllEndAsync(ConvoyRedisConnection connection, RedisServer master, bool isResumed)
    {
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await master.HangAsync();
        var commands = new List<Task>();
        for (var passed = TimeSpan.Zero; passed < Hang; passed += TimeSpan.FromMilliseconds(25))
        {
            commands.AddRange(Enumerable.Range(0, 4).Select(number => database.StringSetAsync($"key:{commands.Count + number}", "value")));
            await Task.Delay(25, Token);
        }

        if (isResumed)
            await master.ResumeAsync();
        await Eventually.TrueAsync(() => commands.TrueForAll(command => command.IsCompleted), Token);
        await Eventually.TrueAsync(async () => await IsWritableAsync(database), Token);
    }

    // As many keys as reach every node of a cluster.
    private static Task<bool[]> WriteAllAsync(IDatabase database) =>
        Task.WhenAll(Enumerable.Range(0, 16).Select(number => database.StringSetAsync($"every:{number}", "value")));

    private static async Task<bool> IsWritableAsync(IDatabase database)
    {
        try
        {
            await WriteAllAsync(database);
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
    }
}
