using System.Diagnostics;
using ConvoyRedis.Testing;
using OpenTelemetry;
using OpenTelemetry.Trace;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.Diagnostics;

/// <summary>
/// What the meter and the activity source publish, as the OpenTelemetry SDK exports it. It adds up the meters of the whole process under one name, and forgets the
/// sums when one of them is disposed: no other test may run.
/// </summary>
public sealed class TelemetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PlannedFailover_IsCountedOnceTimedAndTraced()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var service = await ObservedService.StartAsync(topology, connections: 2);
        var old = await topology.GetMasterAsync(Token);

        await topology.FailoverAsync(Token);
        await Eventually.TrueAsync(() => service.Spans("failover").Count > 0, Token);

        // Two connections to one deployment: one failover, two streams that were held, and sentinels that are linked once.
        Assert.Equal(1, service.Sum("convoy.redis.failover.count", ("convoy.redis.failover.loss", "none")));
        Assert.Equal(1, service.Sum("convoy.redis.failover.count"));
        Assert.Equal((1, 0), service.Histogram("convoy.redis.failover.possibly_lost"));
        Assert.Equal(2, service.Histogram("convoy.redis.hold.duration", ("convoy.redis.hold.outcome", "handed_over")).Count);
        Assert.InRange(service.Histogram("convoy.redis.failover.duration", ("convoy.redis.phase", "holding")).Sum, 0.000_1, 2);
        Assert.Equal(3, service.Sum("convoy.redis.sentinel.connected"));
        Assert.Equal(2, service.Sum("db.client.connection.count", ("db.client.connection.state", "used"), ("db.system.name", "redis")));

        // A stream for subscriptions comes with the first of them.
        await service.Multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("news"), (_, _) => { });
        Assert.Equal(3, service.Sum("db.client.connection.count"));

        var span = Assert.Single(service.Spans("failover"));
        Assert.Equal(old.Port, int.Parse(span.GetTagItem("convoy.redis.failover.previous")!.ToString()!.Split(':')[1], null));
        Assert.Equal(0L, span.GetTagItem("convoy.redis.failover.possibly_lost"));
        Assert.Contains(span.Events, step => step.Name == "hold the streams");
        Assert.All(span.Events, step => Assert.InRange(step.Timestamp.UtcDateTime, span.StartTimeUtc, span.StartTimeUtc + span.Duration));
        Assert.Null(span.ParentId);
        Assert.Equal(2, service.Spans("connect").Count);
        Assert.All(service.Spans("connect"), connect => Assert.Equal(old.Port, connect.GetTagItem("server.port")));
    }

    [Fact]
    [Trait("Alone", "process")]
    public async Task KilledMaster_IsCountedAsUnknownLossAndReconnected()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var service = await ObservedService.StartAsync(topology);

        await (await topology.GetMasterAsync(Token)).KillAsync();
        await Eventually.TrueAsync(() => service.Spans("failover").Count > 0, Token);
        await service.Database.StringIncrementAsync("counter");

        Assert.Equal(1, service.Sum("convoy.redis.failover.count", ("convoy.redis.failover.loss", "unknown")));
        Assert.Equal(0, service.Histogram("convoy.redis.failover.possibly_lost").Count);
        await Eventually.TrueAsync(() => service.Sum("convoy.redis.reconnect.count") >= 1, Token);
        await Eventually.TrueAsync(() => service.Histogram("convoy.redis.failover.duration", ("convoy.redis.phase", "waiting_for_master")).Sum > 0, Token);
    }

    [Fact]
    public async Task Commands_AreTimedUnderTheRealNode()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var service = await ObservedService.StartAsync(redis);

        for (var number = 0; number < 10; number++)
            await service.Database.StringIncrementAsync("counter");

        await Eventually.TrueAsync(
            () => service.Histogram("db.client.operation.duration", ("db.operation.name", "INCR")).Count == 10, Token);
        var (count, sum) = service
            .Histogram("db.client.operation.duration", ("db.operation.name", "INCR"), ("server.port", redis.Server.Port));
        Assert.Equal(10, count);
        Assert.InRange(sum, 0.000_01, 10);
    }

    [Fact]
    public async Task Commands_DuringAPlannedFailover_AreEachTimedOnceUnderTheNodeThatAnswered()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var service = await ObservedService.StartAsync(topology);
        var old = await topology.GetMasterAsync(Token);
        var database = service.Database;
        var commands = 0;
        using var done = new CancellationTokenSource();
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (; !done.IsCancellationRequested; Interlocked.Increment(ref commands))
                await database.StringIncrementAsync("counter");
        }, Token)));

        await topology.FailoverAsync(Token);
        await Eventually.TrueAsync(() => service.Spans("failover").Count > 0, Token);
        await done.CancelAsync();
        await writing;

        (string, object) increments = ("db.operation.name", "INCR");
        Assert.Equal(commands, service.Histogram("db.client.operation.duration", increments).Count);
        Assert.Equal(0, service.Histogram("db.client.operation.duration", ("error.type", "connection_lost"), increments).Count);
        Assert.InRange(service.Histogram("db.client.operation.duration", increments, ("server.port", old.Port)).Count, 1, commands - 1);
    }

    [Fact]
    [Trait("Alone", "process")]
    public async Task Demotion_OfAFixedEndpoint_IsCountedAsStaleMaster()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var other = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = redis }, Token);
        await using var service = await ObservedService.StartAsync(redis);

        await redis.Server.ExecuteAsync("REPLICAOF", other.Server.Host, $"{other.Server.Port}");

        await Eventually.TrueAsync(
            () => service.Sum("convoy.redis.stale_master.rejected", ("server.port", redis.Server.Port)) > 0, Token);
    }

    [Fact]
    [Trait("Alone", "process")]
    public async Task FailedConnect_IsASpanWithItsFault()
    {
        await using var redis = await StandaloneRedis.StartAsync(new StandaloneOptions { Password = "s3cret" }, Token);
        var spans = new SynchronizedSpans();
        using var tracer = Sdk.CreateTracerProviderBuilder().AddSource(ConvoyRedisTelemetry.ActivitySourceName).AddInMemoryExporter(spans).Build();
        var options = new ConvoyRedisOptions { Host = redis.Server.Host, Port = redis.Server.Port, Password = "wr0ng" };
        Activity[] Own() => [.. spans.ToArray().Where(span => Equals(span.GetTagItem("db.client.connection.pool.name"), options.Resolve().ToString()))];

        await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        var span = Assert.Single(Own());
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal(nameof(ConvoyRedisFault.Authentication), span.GetTagItem("error.type"));
        Assert.DoesNotContain("wr0ng", span.StatusDescription, StringComparison.Ordinal);

        // One that is tried again tells each attempt.
        await redis.Server.KillAsync();
        (options.CommandTimeout, options.HoldDeadline) = (TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(400));
        await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));
        var attempts = Own()[^1].Events.ToList();
        Assert.All(attempts, attempt => Assert.Contains($":{redis.Server.Port}", attempt.Name, StringComparison.Ordinal));
        Assert.True(attempts.Count > 1);
    }
}
