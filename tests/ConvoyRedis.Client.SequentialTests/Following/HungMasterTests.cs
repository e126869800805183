using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.Following;

/// <summary>A master that hangs under commands for longer than four of their timeouts: every task ends, and nothing piles up.</summary>
public sealed class HungMasterTests
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Hang = CommandTimeout * 5;
    private static readonly TimeSpan LongDownAfter = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_StandaloneHangs_AllEndAndStreamsReturn()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);

        await AssertAllEndAsync(redis.Options(), redis.Server.HangAsync, redis.Server.ResumeAsync);
    }

    [Fact]
    public async Task Commands_MasterBehindSentinelsHangs_AllEndAndStreamsReturn()
    {
        // So long a down-after that no failover comes to the rescue.
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { DownAfter = LongDownAfter }, Token);
        var master = await topology.GetMasterAsync(Token);

        await AssertAllEndAsync(topology.Options(), master.HangAsync, master.ResumeAsync);
    }

    [Fact]
    public async Task Commands_MasterHangsAndIsFailedOver_AllEndAndStreamsReturn()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var master = await topology.GetMasterAsync(Token);

        await AssertAllEndAsync(topology.Options(), master.HangAsync, () => Task.CompletedTask);
    }

    [Fact]
    public async Task Commands_ClusterNodeHangs_AllEndAndStreamsReturn()
    {
        await using var cluster = await ClusterTopology.StartAsync(cancellationToken: Token);

        await AssertAllEndAsync(cluster.Options(), cluster.Nodes[1].HangAsync, cluster.Nodes[1].ResumeAsync);
    }

    private static async Task AssertAllEndAsync(ConvoyRedisOptions options, Func<Task> hang, Func<Task> resume)
    {
        options.CommandTimeout = CommandTimeout;
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var database = multiplexer.GetDatabase();

        // The connection for subscriptions as well, which is opened when there is one. Not on a cluster: there StackExchange.Redis subscribes
        // again at another node, and keeps the connection to the first one beside it.
        if (connection.Target.Topology != ConvoyRedisTopology.Cluster)
            await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("channel"), (_, _) => { });
        await WriteAllAsync(database);
        var (streams, sockets) = (connection.LiveStreams, await OpenSockets.CountWhenSettledAsync(Token));

        await hang();
        var commands = new List<Task>();
        for (var passed = TimeSpan.Zero; passed < Hang; passed += TimeSpan.FromMilliseconds(25))
        {
            commands.AddRange(Enumerable.Range(0, 4).Select(number => database.StringSetAsync($"key:{commands.Count + number}", "value")));
            await Task.Delay(25, Token);
        }

        await resume();
        await Eventually.TrueAsync(() => commands.TrueForAll(command => command.IsCompleted), Token);

        await Eventually.TrueAsync(async () => await IsWritableAsync(database), Token);
        await Eventually.TrueAsync(() => connection.LiveStreams == streams, Token);
        await Eventually.TrueAsync(() => OpenSockets.Count() <= sockets, Token);
        await WriteAllAsync(database);
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
