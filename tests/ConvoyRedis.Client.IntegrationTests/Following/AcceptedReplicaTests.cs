using System.Diagnostics;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>A fixed endpoint that has been a replica for longer than a failover takes: it is read from, and left as soon as a master answers there.</summary>
public sealed class AcceptedReplicaTests : IAsyncDisposable
{
    /// <summary>From the moment at which a master answers at the name to the first write: a question each second, dialling, and a busy machine.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    private const int Accepted = EventIds.ReplicaAccepted;
    private const int Demoted = EventIds.MasterDemoted;
    private const int Left = EventIds.ReplicaLeft;

    private readonly FakeLogCollector _logs = new();
    private readonly ILoggerFactory _loggerFactory;

    public AcceptedReplicaTests() => _loggerFactory = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(_logs)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _loggerFactory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FixedEndpoint_NameMovesLongAfterTheDemotion_IsFollowed(bool isWriting)
    {
        await using var one = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var two = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = one }, Token);
        await using var proxy = TcpProxy.Start(one.Server.Host, one.Server.Port);
        var options = one.Options();
        (options.Host, options.Port, options.ClientName) = (proxy.Host, proxy.Port, "mover");
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, _loggerFactory, Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var database = multiplexer.GetDatabase();
        await database.StringSetAsync("key", "before");
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("channel"), (_, _) => heard.TrySetResult());

        await one.Server.ExecuteAsync("REPLICAOF", two.Server.Host, $"{two.Server.Port}");
        await Eventually.TrueAsync(() => Count(Accepted) > 0 && connection.LiveStreams == 2, Token);
        Assert.False(await TryWriteAsync(database));
        proxy.Retarget(two.Server.Host, two.Server.Port);

        var began = Stopwatch.GetTimestamp();
        if (isWriting)
        {
            await Eventually.TrueAsync(() => TryWriteAsync(database), Token);
        }
        else
        {
            await Eventually.TrueAsync(async () => (await two.Server.ExecuteAsync("CLIENT", "LIST")).Text!.Contains("name=mover ", StringComparison.Ordinal), Token);
            await Eventually.TrueAsync(() => TryWriteAsync(database), Token);
        }

        Soak.Report($"a fixed endpoint that moved long after its demotion, {(isWriting ? "writing" : "reading")}",
            $"writing after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms");
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, Bound);
        await Eventually.TrueAsync(async () => (await two.Server.ExecuteAsync("PUBLISH", "channel", "message")).Text == "1", Token);
        await heard.Task.WaitAsync(Bound, Token);
        Assert.Equal("after", (await two.Server.ExecuteAsync("GET", "key")).Text);
    }

    // Without INFO, processes are not told apart.
    [Theory]
    [InlineData("")]
    [InlineData("-info")]
    public async Task FixedEndpoint_NameHasMoved_NothingFailsAfterwards(string refused)
    {
        string[] configuration = [$"user app on >s3cret ~* &* +@all {refused}".TrimEnd()];
        await using var one = await StandaloneRedis.StartAsync(new StandaloneOptions { Configuration = configuration }, Token);
        await using var two = await StandaloneRedis.StartAsync(new StandaloneOptions { Configuration = configuration, Beside = one }, Token);
        await using var proxy = TcpProxy.Start(one.Server.Host, one.Server.Port);
        var options = one.Options();
        (options.Host, options.Port, options.Username, options.Password) = (proxy.Host, proxy.Port, "app", "s3cret");
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, _loggerFactory, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await one.Server.ExecuteAsync("REPLICAOF", two.Server.Host, $"{two.Server.Port}");
        await Eventually.TrueAsync(() => Count(Accepted) > 0 && connection.LiveStreams > 0, Token);
        proxy.Retarget(two.Server.Host, two.Server.Port);
        await Eventually.TrueAsync(() => Count(Left) > 0 && connection.LiveStreams > 0, Token);
        await Eventually.TrueAsync(() => TryWriteAsync(database), Token);

        await using var load = new Load(database, writers: 4, bytes: 100);
        await Task.Delay(2.5 * Client.Connection.RoleMonitor.Period, Token);
        await load.StopAsync();

        Assert.Empty(load.Errors);
        Assert.Equal((0, 0), await load.CheckAsync());
    }

    [Fact]
    public async Task FixedEndpoint_IsAMasterAgain_IsWrittenToAndItsNextDemotionIsNotAccepted()
    {
        await using var master = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var node = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = master }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(node.Options(), _loggerFactory, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync("key", "before");
        await node.Server.ExecuteAsync("REPLICAOF", master.Server.Host, $"{master.Server.Port}");
        await Eventually.TrueAsync(() => Count(Accepted) > 0 && connection.LiveStreams == 1, Token);

        await node.Server.ExecuteAsync("REPLICAOF", "NO", "ONE");
        var began = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(() => TryWriteAsync(database), Token);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, Bound);

        // That write may have gone over the replica's stream, before the promotion was noticed; the next one goes to a master.
        await Eventually.TrueAsync(() => Count(Left) > 0, Token);
        await Eventually.TrueAsync(() => TryWriteAsync(database), Token);

        var (accepted, demoted) = (Count(Accepted), Count(Demoted));
        await node.Server.ExecuteAsync("REPLICAOF", master.Server.Host, $"{master.Server.Port}");
        await Eventually.TrueAsync(() => Count(Demoted) > demoted, Token);
        await Eventually.TrueAsync(() => connection.LastFault?.Fault == ConvoyRedisFault.NotMaster, Token);
        Assert.Equal(accepted, Count(Accepted));
        await node.Server.ExecuteAsync("REPLICAOF", "NO", "ONE");

        Assert.True(await database.StringSetAsync("key", "after"));
    }

    private int Count(int eventId) => _logs.GetSnapshot().Count(record => record.Category == typeof(ConvoyRedisConnection).FullName && record.Id.Id == eventId);

    private static async Task<bool> TryWriteAsync(IDatabase database)
    {
        try
        {
            return await database.StringSetAsync("key", "after");
        }
        catch (RedisException)
        {
            return false;
        }
    }
}
