using System.Diagnostics.Metrics;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>
/// The instruments of one meter. Names and attributes follow OpenTelemetry's semantic conventions for databases where these have one; what is
/// ours begins with <c>convoy.redis</c>. An instrument is null when a listener threw as it was published.
/// </summary>
internal sealed class Instruments
{
    // A failover takes milliseconds when it goes well, and as long as down-after and failover-timeout when it does not.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60],
    };

    private readonly Lock _gate = new();
    private readonly HashSet<ConnectionGauges> _connections = [];

    /// <param name="factory">Makes the meter; null for one outside dependency injection.</param>
    public Instruments(IMeterFactory? factory)
    {
        var options = new MeterOptions(ConvoyRedisTelemetry.MeterName) { Version = typeof(Instruments).Assembly.GetName().Version?.ToString(3) };
        var meter = factory?.Create(options) ?? new Meter(options);
        Failovers = Guard.Get(() =>
            meter.CreateCounter<long>("convoy.redis.failover.count", "{failover}", "Master changes that were followed."));
        PhaseDuration = Guard.Get(() => meter.CreateHistogram(
            "convoy.redis.failover.duration", "s", "Time spent in each phase of a failover.", advice: Durations));
        HoldDuration = Guard.Get(() => meter.CreateHistogram(
            "convoy.redis.hold.duration", "s", "How long a command stream was held for a planned failover.", advice: Durations));
        PossiblyLost = Guard.Get(() => meter.CreateHistogram<long>(
            "convoy.redis.failover.possibly_lost", "By", "Bytes that the former master acknowledged and the next one may lack; 0 if none."));
        Reconnects = Guard.Get(() =>
            meter.CreateCounter<long>("convoy.redis.reconnect.count", "{reconnect}", "Connections to a node that replaced an ended one."));
        StaleMasters = Guard.Get(() => meter.CreateCounter<long>(
            "convoy.redis.stale_master.rejected", "{rejection}", "Connections rejected because the supposed master reported another role."));
        CommandDuration = Guard.Get(() => meter.CreateHistogram(
            "db.client.operation.duration", "s", "Time from writing a command to receiving its reply.", advice: Durations));
        Guard.Run(() => meter.CreateObservableUpDownCounter(
            "db.client.connection.count", () => Observe(connection => connection.LiveStreams(), Telemetry.InUse), "{connection}", "Connections in use."));
        Guard.Run(() => meter.CreateObservableUpDownCounter(
            "convoy.redis.sentinel.connected", ObserveSentinels, "{sentinel}", "Sentinels that are connected and name the master."));
    }

    private Instruments()
    {
    }

    /// <summary>None: nothing is counted.</summary>
    public static Instruments None { get; } = new();

    /// <summary>Those of connections outside dependency injection.</summary>
    public static Instruments Shared { get; } = new(null);

    public Counter<long>? Failovers { get; }

    public Histogram<double>? PhaseDuration { get; }

    public Histogram<double>? HoldDuration { get; }

    public Histogram<long>? PossiblyLost { get; }

    public Counter<long>? Reconnects { get; }

    public Counter<long>? StaleMasters { get; }

    public Histogram<double>? CommandDuration { get; }

    /// <summary>Observes a connection until <see cref="Remove"/>.</summary>
    public void Add(ConnectionGauges connection)
    {
        lock (_gate)
            _connections.Add(connection);
    }

    /// <summary>Stops observing a connection.</summary>
    public void Remove(ConnectionGauges connection)
    {
        lock (_gate)
            _connections.Remove(connection);
    }

    private List<Measurement<long>> Observe(Func<ConnectionGauges, long> count, params KeyValuePair<string, object?>[] tags)
    {
        ConnectionGauges[] connections;
        lock (_gate)
            connections = [.. _connections];
        return [.. connections.GroupBy(connection => connection.Pool())
            .Select(pool => new Measurement<long>(pool.Sum(count), [.. Telemetry.OfPool(pool.Key), .. tags]))];
    }

    // Connections that share their links to the sentinels report these once.
    private List<Measurement<long>> ObserveSentinels()
    {
        var seen = new HashSet<object>();
        return Observe(connection => connection.Sentinels() is var (monitor, connected) && seen.Add(monitor) ? connected : 0);
    }
}
