using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using ConvoyRedis.Testing;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Contract;

/// <summary>
/// What the library relies on StackExchange.Redis for, and what it makes up for (docs/architecture.md, "What the library relies on
/// in StackExchange.Redis"). A failure here after an upgrade names the assumption that no longer holds.
/// </summary>
public sealed class StackExchangeRedisTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    /// <summary>So far apart that nothing in these tests can be the work of a heartbeat.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TunnelStream_ConnectionEnds_FailsWhatIsInFlightAndIsNeverDisposed()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var tunnel = new RecordedTunnel(redis.Server.Host, redis.Server.Port);
        var multiplexer = await ConnectAsync(tunnel);
        var stream = tunnel.Commands[0].Stream;
        await redis.Server.HangAsync();
        var inFlight = multiplexer.GetDatabase().StringSetAsync("key", "value");
        await Eventually.TrueAsync(() => stream.Written.Contains("value", StringComparison.Ordinal), Token);
        tunnel.Close();

        stream.End();
        await Assert.ThrowsAsync<RedisConnectionException>(() => inFlight.WaitAsync(Bound, Token));
        await redis.Server.ResumeAsync();
        tunnel.Open();
        await multiplexer.DisposeAsync();

        Assert.All(tunnel.Commands, opened => Assert.Equal(0, opened.Stream.Disposals));
    }

    // Alone, for its bound on time.
    [Fact(DisableParallelization = true)]
    public async Task EstablishedConnection_Ends_IsReplacedAtOnceThroughTheTunnel()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var tunnel = new RecordedTunnel(redis.Server.Host, redis.Server.Port);
        await using var multiplexer = await ConnectAsync(tunnel);

        var ended = Stopwatch.GetTimestamp();
        tunnel.Commands[0].Stream.End();
        await Eventually.TrueAsync(() => tunnel.Commands.Count == 2, Token);

        Assert.True(Stopwatch.GetElapsedTime(ended, tunnel.Commands[1].Timestamp) < TimeSpan.FromSeconds(1));
    }

    // CLUSTER NODES lists a master without slots, CLUSTER SLOTS does not until it is a replica. NewNodes connects to it.
    [Fact]
    public async Task NodeOfACluster_KnownBeforeClusterSlotsListsIt_IsNeverConnectedTo()
    {
        await using var cluster = await ClusterTopology.StartAsync(cancellationToken: Token);
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(cluster.Nodes[0].Address);
        var added = await cluster.AddNodeAsync(Token);
        IServer? Added() => Array.Find(multiplexer.GetServers(), server => server.EndPoint is IPEndPoint at && at.Port == added.Port);
        await Eventually.TrueAsync(async () => await multiplexer.ConfigureAsync() && Added() is not null, Token);

        await added.ExecuteAsync("CLUSTER", "REPLICATE", (await cluster.Nodes[0].ExecuteAsync("CLUSTER", "MYID")).Text!);
        await cluster.WaitUntilSettledAsync(Token);
        await Eventually.TrueAsync(async () => (await cluster.Nodes[0].ExecuteAsync("CLUSTER", "SLOTS")).Items[0].Items.Count == 4, Token);
        for (var reading = 0; reading < 5; reading++)
            await multiplexer.ConfigureAsync();

        Assert.False(Added()!.IsConnected);
    }

    [Fact]
    public async Task Command_WhileDisconnected_WaitsAndIsSentOnTheNextConnection()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var tunnel = new RecordedTunnel(redis.Server.Host, redis.Server.Port);
        await using var multiplexer = await ConnectAsync(tunnel);
        tunnel.Close();
        tunnel.Commands[0].Stream.End();
        await Eventually.TrueAsync(() => !multiplexer.IsConnected, Token);

        var waiting = multiplexer.GetDatabase().StringIncrementAsync("counter");
        Assert.False(waiting.IsCompleted);
        tunnel.Open();

        Assert.Equal(1, await waiting.WaitAsync(Bound, Token));
        Assert.DoesNotContain("counter", tunnel.Commands[0].Stream.Written, StringComparison.Ordinal);
        Assert.Contains("counter", tunnel.Commands[1].Stream.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TunnelStream_ManyCallers_IsWrittenByOneAtATime()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var tunnel = new RecordedTunnel(redis.Server.Host, redis.Server.Port);
        await using var multiplexer = await ConnectAsync(tunnel);
        var database = multiplexer.GetDatabase();

        await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
                await database.StringSetAsync($"key:{caller}", new string('x', 1 + (i * 50)));
        }))).WaitAsync(Bound, Token);

        Assert.Equal(0, tunnel.Commands[0].Stream.OverlappingWrites);
        Assert.Contains("key:63", tunnel.Commands[0].Stream.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_WithoutCredentials_SendsNoAuth()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var tunnel = new RecordedTunnel(redis.Server.Host, redis.Server.Port);
        await using var multiplexer = await ConnectAsync(tunnel);

        var handshake = tunnel.Commands[0].Stream.Written.ToUpperInvariant();
        Assert.Contains("SETNAME", handshake, StringComparison.Ordinal);
        Assert.DoesNotContain("AUTH", handshake, StringComparison.Ordinal);
        Assert.StartsWith("*2\r\n$5\r\nHELLO\r\n$1\r\n2\r\n", handshake, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CircuitBreaker_ErrorReply_IsSeenUnlessNobodyWaitsForIt()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var tunnel = new RecordedTunnel(redis.Server.Host, redis.Server.Port);
        var breaker = new SeeingBreaker();
        await using var multiplexer = await ConnectAsync(tunnel, options => (options.CircuitBreaker, options.AllowAdmin) = (breaker, true));
        var database = multiplexer.GetDatabase();

        // All before the first reply: after a READONLY it may find out at any time that this is a replica, and would not send the next one.
        await redis.Server.HangAsync();
        var demotion = database.ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        await database.StringSetAsync("ignored", "value", flags: CommandFlags.FireAndForget);
        var refused = database.StringSetAsync("key", "value");
        await redis.Server.ResumeAsync();

        await demotion;
        await Assert.ThrowsAsync<RedisServerException>(() => refused);
        Assert.Single(breaker.Seen, RedisErrorKind.ReadOnly);
    }

    [Fact]
    public async Task LoadedScript_ConnectionReplacedToTheSameServer_IsBelievedToBeThere()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var tunnel = new RecordedTunnel(redis.Server.Host, redis.Server.Port);
        await using var multiplexer = await ConnectAsync(tunnel);
        await multiplexer.GetDatabase().ScriptEvaluateAsync("return 1");

        tunnel.Commands[0].Stream.End();
        await Eventually.TrueAsync(() => tunnel.Commands.Count == 2 && multiplexer.IsConnected, Token);
        await multiplexer.GetDatabase().ScriptEvaluateAsync("return 1");

        Assert.Contains("EVALSHA", tunnel.Commands[1].Stream.Written, StringComparison.Ordinal);
        Assert.DoesNotContain("return 1", tunnel.Commands[1].Stream.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadedScript_ConnectionReplacedToAnotherRun_IsLoadedAnew()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var tunnel = new RecordedTunnel(redis.Server.Host, redis.Server.Port);
        await using var multiplexer = await ConnectAsync(tunnel);
        await multiplexer.GetDatabase().ScriptEvaluateAsync("return 1");
        tunnel.Close();

        await redis.Server.KillAsync();
        await redis.Server.RestartAsync(Token);
        tunnel.Open();
        await Eventually.TrueAsync(() => tunnel.Commands.Count == 2 && multiplexer.IsConnected, Token);
        await multiplexer.GetDatabase().ScriptEvaluateAsync("return 1");

        Assert.Contains("return 1", tunnel.Commands[1].Stream.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadedScript_AnswerIsNoScript_IsLoadedAnewOnlyForWhoWaits()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var tunnel = new RecordedTunnel(redis.Server.Host, redis.Server.Port);
        await using var multiplexer = await ConnectAsync(tunnel);
        var database = multiplexer.GetDatabase();
        Assert.Equal(1, (int)await database.ScriptEvaluateAsync("return redis.call('INCR', 'calls')"));
        await redis.Server.ExecuteAsync("SCRIPT", "FLUSH");
        Assert.Equal(2, (int)await database.ScriptEvaluateAsync("return redis.call('INCR', 'calls')"));
        await redis.Server.ExecuteAsync("SCRIPT", "FLUSH");

        await database.ScriptEvaluateAsync("return redis.call('INCR', 'calls')", flags: CommandFlags.FireAndForget);
        await database.PingAsync();

        Assert.Equal(2, (int)await database.StringGetAsync("calls"));
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(RecordedTunnel tunnel, Action<ConfigurationOptions>? configure = null)
    {
        var options = new ConfigurationOptions
        {
            EndPoints = { new DnsEndPoint("logical", 6379) },
            Tunnel = tunnel,
            AbortOnConnectFail = false,
            HeartbeatInterval = Heartbeat,
            Protocol = RedisProtocol.Resp2,
        };
        configure?.Invoke(options);
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
        Assert.True(multiplexer.IsConnected);
        return multiplexer;
    }

    private sealed class SeeingBreaker : CircuitBreaker
    {
        private readonly ConcurrentQueue<RedisErrorKind> _seen = [];

        public IEnumerable<RedisErrorKind> Seen => _seen;

        public override Accumulator CreateAccumulator() => new Eye(this);

        private sealed class Eye(SeeingBreaker breaker) : Accumulator
        {
            public override void ObserveResult(in FaultContext context) => breaker._seen.Enqueue(context.ErrorKind);

            public override bool IsHealthy() => true;

            public override void Reset()
            {
            }
        }
    }
}
