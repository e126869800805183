using System.Diagnostics;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>
/// Reports what happens to one deployment, as metrics and traces. Its reports never contain a secret. Exceptions of listeners are dropped.
/// </summary>
/// <param name="instruments">Where the figures go.</param>
/// <param name="target">The deployment.</param>
internal sealed class Telemetry(Instruments instruments, ConvoyRedisTarget target)
{
    public static readonly KeyValuePair<string, object?> InUse = new("db.client.connection.state", "used");

    private const string PoolName = "db.client.connection.pool.name";

    private static readonly KeyValuePair<string, object?> System = new("db.system.name", "redis");
    private static readonly ActivitySource Source = new(ConvoyRedisTelemetry.ActivitySourceName, typeof(Telemetry).Assembly.GetName().Version?.ToString(3));

    /// <summary>The instruments themselves.</summary>
    public Instruments Instruments { get; } = instruments;

    /// <summary>The deployment's name on every figure.</summary>
    public string Pool { get; private set; } = target.ToString();

    /// <summary>Reports for another deployment from now on.</summary>
    public void Rename(ConvoyRedisTarget other) => Pool = other.ToString();

    /// <summary>Neither counts nor traces failovers.</summary>
    public static Telemetry None(ConvoyRedisTarget target) => new(Instruments.None, target);

    public static TagList OfPool(string pool) => [System, new(PoolName, pool)];

    /// <summary>Begins the span of a connect; null when nobody listens.</summary>
    public Activity? StartConnect() =>
        Guard.Get(() => Source.StartActivity("connect", ActivityKind.Client, default(ActivityContext), OfPool(Pool)));

    /// <summary>Ends a span.</summary>
    public static void End(Activity? span) => Guard.Run(() => span?.Dispose());

    /// <summary>A phase of a failover has ended.</summary>
    public void PhaseEnded(ConvoyRedisPhase phase, TimeSpan duration)
    {
        if (phase is ConvoyRedisPhase.FailingOver or ConvoyRedisPhase.Holding or ConvoyRedisPhase.WaitingForMaster)
            Guard.Run(() => Instruments.PhaseDuration?.Record(duration.TotalSeconds, [.. OfPool(Pool), new("convoy.redis.phase", Name(phase))]));
    }

    /// <summary>A hold has ended: by a handover, a release, or a cut.</summary>
    public void HoldEnded(string outcome, TimeSpan duration) =>
        Guard.Run(() => Instruments.HoldDuration?.Record(duration.TotalSeconds, [.. OfPool(Pool), new("convoy.redis.hold.outcome", outcome)]));

    /// <summary>An ended stream has been replaced.</summary>
    public void Reconnected(ConvoyRedisEndpoint node) => Guard.Run(() => Instruments.Reconnects?.Add(1, OfNode(node)));

    /// <summary>The supposed master reported another role.</summary>
    public void StaleMasterRejected(ConvoyRedisEndpoint node) =>
        Guard.Run(() => Instruments.StaleMasters?.Add(1, [.. OfNode(node), new("error.type", nameof(ConvoyRedisFault.NotMaster))]));

    /// <summary>A command has been answered, or (with an error) never will be.</summary>
    public void CommandEnded(string name, int database, TimeSpan duration, ConvoyRedisEndpoint node, bool isReplicas, string? error)
    {
        var tags = OfNode(node);
        if (isReplicas)
            tags.Add("convoy.redis.endpoint", "replica");
        tags.Add("db.operation.name", name);
        tags.Add("db.namespace", database);
        if (error is not null)
            tags.Add("error.type", error);
        try
        {
            Instruments.CommandDuration?.Record(duration.TotalSeconds, tags);
        }
        catch (Exception)
        {
            // Like Guard, which would need a closure for each command.
        }
    }

    /// <summary>The master has moved, and every stream with it.</summary>
    /// <param name="change">From where to where, and why.</param>
    /// <param name="duration">The time since the first step that led to it.</param>
    public void FailedOver(MasterChangedEventArgs change, TimeSpan duration)
    {
        var loss = change.PossiblyLostBytes switch { null => "unknown", 0 => "none", _ => "possible" };
        TagList tags = [.. OfPool(Pool), new("convoy.redis.failover.cause", change.Cause.ToString()), new("convoy.redis.failover.loss", loss)];
        Guard.Run(() => Instruments.Failovers?.Add(1, tags));
        if (change.PossiblyLostBytes is { } bytes)
            Guard.Run(() => Instruments.PossiblyLost?.Record(bytes, tags));
        Guard.Run(() => Trace(change, duration, tags));
    }

    // Its start lies in the past, before the failover was known. It has no parent: the current request did not cause it.
    private void Trace(MasterChangedEventArgs change, TimeSpan duration, in TagList tags)
    {
        Activity.Current = null;
        var began = DateTimeOffset.UtcNow - duration;
        using var span = Instruments == Instruments.None
            ? null : Source.StartActivity("failover", ActivityKind.Client, default(ActivityContext), tags, startTime: began);
        if (span is null)
            return;
        foreach (var tag in Address(change.Current))
            span.SetTag(tag.Key, tag.Value);
        span.SetTag("convoy.redis.failover.previous", change.Previous?.ToString());
        span.SetTag("convoy.redis.failover.epoch", change.Epoch).SetTag("convoy.redis.failover.possibly_lost", change.PossiblyLostBytes);
        if (change.Slots.Count > 0)
            span.SetTag("convoy.redis.failover.slots", string.Join(' ', change.Slots));
        foreach (var step in change.Timeline)
            span.AddEvent(new ActivityEvent(step.What, began + step.At));
    }

    /// <summary>Where a node is, as OpenTelemetry names it; a Unix socket has no port.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> Address(ConvoyRedisEndpoint node)
    {
        yield return new("server.address", node.Host);
        if (!node.IsUnixSocket)
            yield return new("server.port", node.Port);
    }

    private static string Name(ConvoyRedisPhase phase) => phase switch
    {
        ConvoyRedisPhase.FailingOver => "failing_over",
        ConvoyRedisPhase.Holding => "holding",
        _ => "waiting_for_master",
    };

    private TagList OfNode(ConvoyRedisEndpoint node) => [.. OfPool(Pool), .. Address(node)];
}
