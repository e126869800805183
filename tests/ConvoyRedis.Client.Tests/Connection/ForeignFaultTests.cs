using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>What the code of a service throws into the library, and what of its context the library keeps.</summary>
public sealed class ForeignFaultTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connect_LoggerAndActivityListenerThrow_FailsByItsOwnFault()
    {
        await using var peer = Start();
        var (logged, stopped) = (0, 0);
        using var loggers = new FaultyLoggerFactory(() => Interlocked.Increment(ref logged));
        using var listener = Listen(peer, () => Interlocked.Increment(ref stopped));

        var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConnectAsync(peer, loggers));

        Assert.Equal(ConvoyRedisFault.Authentication, exception.Fault);
        Assert.True(logged > 0);
        Assert.True(stopped > 0);
    }

    [Fact]
    public void Telemetry_ListenersThrow_NothingIsThrown()
    {
        var target = new ConvoyRedisOptions { Host = "telemetry.example", Port = 6379 }.Resolve();
        var calls = 0;
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == ConvoyRedisTelemetry.MeterName)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        void Fail(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (!tags.ToArray().Any(tag => Equals(tag.Value, target.ToString())))
                return;
            calls++;
            throw new InvalidOperationException("meter");
        }

        meters.SetMeasurementEventCallback<long>((_, _, tags, _) => Fail(tags));
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) => Fail(tags));
        meters.Start();
        var telemetry = new Telemetry(new Instruments(null), target);
        var node = new ConvoyRedisEndpoint("127.0.0.1", 6379);

        telemetry.PhaseEnded(ConvoyRedisPhase.Holding, TimeSpan.Zero);
        telemetry.HoldEnded("cut", TimeSpan.Zero);
        telemetry.Reconnected(node);
        telemetry.StaleMasterRejected(node);
        telemetry.CommandEnded("GET", 0, TimeSpan.Zero, node, isReplicas: false, null);
        telemetry.FailedOver(new(node, node, MasterChangeCause.Located, 1, false, 0, []), TimeSpan.Zero);

        Assert.Equal(7, calls);
    }

    [Fact]
    public void Instruments_ListenerThrowsWhenTold_AreMade()
    {
        using var meterFactory = new OwnMeters();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Scope == meterFactory)
                    throw new InvalidOperationException("published");
            },
        };
        meters.Start();

        var telemetry = new Telemetry(new Instruments(meterFactory), new ConvoyRedisOptions().Resolve());

        Assert.Null(telemetry.Instruments.Reconnects);
        telemetry.Reconnected(new ConvoyRedisEndpoint("127.0.0.1", 6379));
    }

    [Fact]
    public async Task Connect_CallerHasAContext_BackgroundDoesNotKeepItAndCallerDoes()
    {
        await using var peer = Start();
        var ambient = new AsyncLocal<string?>();
        var seen = new ConcurrentQueue<(string? Ambient, Activity? Activity)>();
        using var loggers = new FaultyLoggerFactory(() => seen.Enqueue((ambient.Value, Activity.Current)));
        using var request = new Activity("request").Start();
        ambient.Value = "first request";

        await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConnectAsync(peer, loggers));

        Assert.NotEmpty(seen);
        Assert.All(seen, moment => Assert.Null(moment.Ambient));
        Assert.All(seen, moment => Assert.NotEqual(request.TraceId, moment.Activity?.TraceId ?? default));
        Assert.Equal("first request", ambient.Value);
        Assert.Same(request, Activity.Current);
    }

    // A listener sees the spans of all tests: it fails for those of one.
    private static ActivityListener Listen(ScriptedPeer peer, Action stopped)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ConvoyRedisTelemetry.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (!span.TagObjects.Any(tag => $"{tag.Value}".Contains($"{peer.Endpoint}", StringComparison.Ordinal)))
                    return;
                stopped();
                throw new InvalidOperationException("span");
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static ScriptedPeer Start() => ScriptedPeer.Start(_ => Resp.Error("WRONGPASS invalid username-password pair or user is disabled."));

    private static Task<ConvoyRedisConnection> ConnectAsync(ScriptedPeer peer, ILoggerFactory loggers) => ConvoyRedisConnection.ConnectAsync(
        new ConvoyRedisOptions { Host = peer.Endpoint.Host, Port = peer.Endpoint.Port, Password = "secret", CommandTimeout = TimeSpan.FromSeconds(2) },
        loggers, Token).WaitAsync(Bound, Token);

    private sealed class OwnMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options.Name, options.Version, null, this);

        public void Dispose()
        {
        }
    }
}
