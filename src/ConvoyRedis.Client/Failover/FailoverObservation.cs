namespace ConvoyRedis.Client.Failover;

/// <summary>
/// An observation that the <see cref="MasterTracker"/> adds to its view. Its text is what logs, timelines and recorded traces show.
/// </summary>
internal abstract record FailoverObservation;

/// <summary>A sentinel answered which master it knows, and at which configuration epoch.</summary>
/// <param name="Sentinel">Who answered.</param>
/// <param name="Master">The master that it names.</param>
/// <param name="Epoch">The epoch at which it became the master.</param>
/// <param name="IsInTilt">Whether the sentinel distrusts its own clock, and answers from what it last knew.</param>
/// <param name="Health">Whether it considers that master down.</param>
/// <param name="HasVote">Whether it counts among the sentinels of this deployment: one that only a minority of the configured ones knows does not.</param>
internal sealed record SentinelAnswered(
    ConvoyRedisEndpoint Sentinel, ConvoyRedisEndpoint Master, long Epoch, bool IsInTilt = false, MasterHealth Health = MasterHealth.Up, bool HasVote = true)
    : FailoverObservation
{
    public override string ToString() =>
        $"{Sentinel} names {Master} at epoch {Epoch}{(IsInTilt ? " in tilt" : "")}{(Health == MasterHealth.Up ? "" : $" {Health}")}{(HasVote ? "" : " without a vote")}";
}

/// <summary>The link to a sentinel ended, or could not be made.</summary>
internal sealed record SentinelLost(ConvoyRedisEndpoint Sentinel) : FailoverObservation
{
    public override string ToString() => $"{Sentinel} is lost";
}

/// <summary>A sentinel turned out to be another one than the others list at its address.</summary>
internal sealed record SentinelDisowned(ConvoyRedisEndpoint Sentinel) : FailoverObservation
{
    public override string ToString() => $"{Sentinel} is disowned";
}

/// <summary>A sentinel published an event about our master.</summary>
/// <param name="Sentinel">Who published it.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Master">The master that the event is about, before the failover; null where the event names none.</param>
/// <param name="Candidate">The replica that becomes the master; null where the event names none.</param>
internal sealed record SentinelEvent(
    ConvoyRedisEndpoint Sentinel, SentinelEventKind Kind, ConvoyRedisEndpoint? Master = null, ConvoyRedisEndpoint? Candidate = null)
    : FailoverObservation
{
    public override string ToString() =>
        $"{Sentinel} says {Kind}{(Master is { } master ? $" of {master}" : "")}{(Candidate is { } candidate ? $" for {candidate}" : "")}";
}

/// <summary>The candidate was asked for its ROLE.</summary>
internal sealed record CandidateProbed(ConvoyRedisEndpoint Candidate, bool IsMaster) : FailoverObservation
{
    public override string ToString() => $"{Candidate} is {(IsMaster ? "a master" : "no master yet")}";
}

/// <summary>The master that is followed answered to ROLE that it is one.</summary>
/// <param name="Node">The master.</param>
/// <param name="Replicas">The replicas that are connected to it.</param>
internal sealed record MasterAnswered(ConvoyRedisEndpoint Node, params IReadOnlyList<ConvoyRedisEndpoint> Replicas) : FailoverObservation
{
    public override string ToString() => $"{Node} is still a master";
}

/// <summary>A node that sentinels, or the former master, name as the master was asked for its ROLE.</summary>
internal sealed record NamedAnswered(ConvoyRedisEndpoint Node, bool IsMaster) : FailoverObservation
{
    public override string ToString() => $"{Node}, which is named, is {(IsMaster ? "a master" : "no master")}";
}

/// <summary>If a failover begins now, a replica may lack more when its promotion is ordered than it copies from then until the promotion.</summary>
/// <param name="Master">The master.</param>
/// <param name="Bytes">What the replica may lack then.</param>
internal sealed record ReplicasLagged(ConvoyRedisEndpoint Master, long Bytes) : FailoverObservation
{
    public override string ToString() => $"a replica may lack {Bytes} bytes of {Master} at the order";
}

/// <summary>The connected node reports that it is not a master.</summary>
/// <param name="Node">The node.</param>
/// <param name="Successor">The node whose replica it is; null if it does not say so.</param>
internal sealed record MasterDemoted(ConvoyRedisEndpoint Node, ConvoyRedisEndpoint? Successor = null) : FailoverObservation
{
    public override string ToString() => $"{Node} is no master any more{(Successor is { } successor ? $", but a replica of {successor}" : "")}";
}

/// <summary>Time went by.</summary>
internal sealed record TimePassed : FailoverObservation
{
    public override string ToString() => "time passed";
}
