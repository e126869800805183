using System.Diagnostics;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.DependencyInjection;

/// <summary>Disposal leaves nothing behind, whatever the connection was doing.</summary>
[Trait("Alone", "process")]
public sealed class DisposalTests
{
    private const string ClientName = "soon-gone";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    public static TheoryData<ConvoyRedisTopology> All => Topologies.All;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(All))]
    public async Task DisposeAsync_InUse_LeavesNoSocketAndNoClient(ConvoyRedisTopology kind)
    {
        await using var topology = await Topologies.StartAsync(kind, null, null, Token);
        var sockets = OpenSockets.Count();
        var options = topology.Options();
        options.ClientName = ClientName;
        var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("channel"), (_, _) => { });
        await multiplexer.GetDatabase().StringSetAsync("key", "value");

        await connection.DisposeAsync();

        await Eventually.TrueAsync(() => OpenSockets.Count() <= sockets, Token);
        Assert.Equal(0, connection.LiveStreams);
        await Eventually.TrueAsync(async () => !await IsAnyoneThereAsync(topology), Token);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => connection.GetMultiplexerAsync(Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_WhileLocating_EndsAtOnce(bool synchronously)
    {
        var host = await Deployment.StartHostAsync(new Dictionary<string, string>
        {
            ["CONVOY_REDIS_SCHEME"] = "redis-sentinel",
            ["CONVOY_REDIS_HOST"] = "127.0.0.1",
            ["CONVOY_REDIS_PORT"] = "1",
            ["CONVOY_REDIS_SENTINEL_MASTER_NAME"] = "m",
        }, cancellationToken: Token);
        var waiting = host.Services.GetRequiredService<IConvoyRedisConnection>().GetMultiplexerAsync(Token);

        var began = Stopwatch.GetTimestamp();
        if (synchronously)
            await Task.Run(host.Dispose, Token).WaitAsync(Bound, Token);
        else
            await ((IAsyncDisposable)host).DisposeAsync().AsTask().WaitAsync(Bound, Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Bound, Token));
        Assert.True(Stopwatch.GetElapsedTime(began) < Bound);
    }

    [Fact]
    public async Task Dispose_WhileTheMasterHangs_EndsWhatIsInFlight()
    {
        await using var topology = await Topologies.StartAsync(ConvoyRedisTopology.Standalone, null, null, Token);
        var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await topology.Servers.First().HangAsync();
        var commands = Enumerable.Range(0, 100).Select(number => database.StringSetAsync($"key:{number}", "value")).ToList();

        await connection.DisposeAsync().AsTask().WaitAsync(Bound, Token);

        await Eventually.TrueAsync(() => commands.TrueForAll(command => command.IsCompleted), Token);
    }

    [Fact]
    public async Task DisposeAsync_APartThrows_EndsTheOthers()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var sentinel = ScriptedSentinel.Start(new ConvoyRedisEndpoint(redis.Server.Host, redis.Server.Port));
        var sockets = OpenSockets.Count();
        var options = new ConvoyRedisOptions
        {
            Scheme = "redis-sentinel",
            Host = sentinel.Endpoint.Host,
            Port = sentinel.Endpoint.Port,
            MasterName = ScriptedSentinel.MasterName,
            ClientName = ClientName,
        };
        var logs = new FakeLogCollector();
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(logs)));
        var connection = new ConvoyRedisConnection(options.Resolve(), loggers, new FaultyTimers());
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        Assert.True(await IsAnyoneThereAsync(redis));

        await connection.DisposeAsync().AsTask().WaitAsync(Bound, Token);

        Assert.False(multiplexer.IsConnected);
        await Eventually.TrueAsync(async () => sentinel.Peer.Connections == 0 && !await IsAnyoneThereAsync(redis), Token);
        await Eventually.TrueAsync(() => OpenSockets.Count() <= sockets, Token);
        Assert.Contains(logs.GetSnapshot(), record => record.Id.Id == EventIds.PartFailed && record.Exception is FaultyTimers.Fault);
    }

    private static async Task<bool> IsAnyoneThereAsync(RedisTopology topology)
    {
        foreach (var server in topology.Servers)
        {
            if ((await server.ExecuteAsync("CLIENT", "LIST")).Text!.Contains($"name={ClientName}", StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
