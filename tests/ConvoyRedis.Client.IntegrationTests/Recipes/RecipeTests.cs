using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using ConvoyRedis.Testing;
using OpenTelemetry;
using OpenTelemetry.Trace;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Recipes;

/// <summary>What the docs quote works.</summary>
public sealed class RecipeTests : IAsyncDisposable
{
    private static readonly ActivitySource Requests = new($"{nameof(RecipeTests)}.Requests");

    // Other tests, which run at the same time, publish from the same source.
    private readonly ConcurrentBag<ActivityTraceId> _requests = [];
    private readonly SynchronizedSpans _spans = [];
    private readonly TracerProvider _tracer;

    public RecipeTests() =>
        _tracer = Sdk.CreateTracerProviderBuilder().AddSource(RedisCommandSpans.SourceName).AddSource(Requests.Name).AddInMemoryExporter(_spans).Build();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IEnumerable<Activity> Commands =>
        _spans.ToArray().Where(span => span.Source.Name == RedisCommandSpans.SourceName && _requests.Contains(span.TraceId));

    public ValueTask DisposeAsync()
    {
        _tracer.Dispose();
        return default;
    }

    [Fact]
    public async Task RedisCommandSpans_CommandsOfARequest_AreSpansUnderIt()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(redis.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        using var recipe = new RedisCommandSpans(multiplexer);
        await recipe.StartAsync(Token);

        var parent = StartRequest();
        await multiplexer.GetDatabase().StringSetAsync("key", "value");
        await multiplexer.GetDatabase().StringGetAsync("key");
        parent.Dispose();

        await recipe.StopAsync(Token);
        var commands = Commands.OrderBy(span => span.StartTimeUtc).ToList();
        Assert.Equal(["SET", "GET"], commands.Select(span => span.OperationName));
        Assert.All(commands, span => Assert.Equal(parent.SpanId, span.ParentSpanId));
        Assert.All(commands, span => Assert.InRange(span.Duration, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task RedisCommandSpans_StoppedBeforeTheLoopBegan_PublishesWhatWasIssued()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(redis.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var recipe = new RedisCommandSpans(multiplexer);

        // A start that is cancelled never runs the loop.
        await recipe.StartAsync(new CancellationToken(canceled: true));
        await RequestAsync(multiplexer, "before");
        await recipe.StopAsync(Token);
        Assert.Single(Commands);

        await RequestAsync(multiplexer, "after");
        recipe.Dispose();
        Assert.Equal(2, Commands.Count());
    }

    [Fact]
    public async Task RedisCommandSpans_CommandLongerThanARound_IsASpan()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(redis.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        using var recipe = new RedisCommandSpans(multiplexer);
        await recipe.StartAsync(Token);

        await redis.Server.ExecuteAsync("CLIENT", "PAUSE", "2200");
        await RequestAsync(multiplexer, "key");

        await recipe.StopAsync(Token);
        Assert.InRange(Assert.Single(Commands).Duration, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    // That nobody listens yet holds only while no other test runs.
    [Theory]
    [InlineData(true)]
    [InlineData(false, DisableParallelization = true)]
    public async Task RedisCommandSpans_DurationsAreListenedTo_BothSeeEveryCommand(bool listenedBefore)
    {
        const int commands = 40;
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        var durations = 0;
        using var early = listenedBefore ? Listen() : null;
        await using var connection = await ConvoyRedisConnection.ConnectAsync(redis.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        using var recipe = new RedisCommandSpans(multiplexer);
        await recipe.StartAsync(Token);
        using var late = listenedBefore ? null : Listen();

        // For longer than it would take to notice the other one.
        for (var number = 0; number < commands; number++)
        {
            await RequestAsync(multiplexer, "key");
            await Task.Delay(50, Token);
        }

        await recipe.StopAsync(Token);
        Assert.Equal(commands, Commands.Count(span => span.OperationName == "SET"));
        Assert.Equal(commands, durations);

        // To every meter of that name: other tests have theirs.
        MeterListener Listen()
        {
            var listener = new MeterListener
            {
                InstrumentPublished = (instrument, own) =>
                {
                    if (instrument.Meter.Name == ConvoyRedisTelemetry.MeterName && instrument.Name == "db.client.operation.duration")
                        own.EnableMeasurementEvents(instrument);
                },
            };
            listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                if (tags.Contains(new("db.operation.name", "SET")) && tags.Contains(new("server.port", redis.Server.Port)))
                    Interlocked.Increment(ref durations);
            });
            listener.Start();
            return listener;
        }
    }

    private async Task RequestAsync(IConnectionMultiplexer multiplexer, string key)
    {
        using var request = StartRequest();
        await multiplexer.GetDatabase().StringSetAsync(key, "value");
    }

    private Activity StartRequest()
    {
        var request = Requests.StartActivity("request")!;
        _requests.Add(request.TraceId);
        return request;
    }
}
