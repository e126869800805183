using ConvoyRedis.Client.Connection;

namespace ConvoyRedis.Client.Failover;

/// <summary>
/// A decision of the <see cref="MasterTracker"/>, which the <see cref="FailoverCoordinator"/> carries out. Its text is what logs, timelines and recorded
/// traces show.
/// </summary>
internal abstract record MasterDecision;

/// <summary>Connect to this node; streams to any other node are cut.</summary>
internal sealed record Follow(ConvoyRedisEndpoint Master, MasterChangeCause Cause) : MasterDecision
{
    public override string ToString() => $"follow {Master}: {Cause}";
}

/// <summary>Ask this master how far its replicas may be behind: whether the streams must be held before the promotion is ordered.</summary>
internal sealed record MeasureLag(ConvoyRedisEndpoint Master) : MasterDecision
{
    public override string ToString() => $"ask {Master} how far its replicas are behind";
}

/// <summary>Hold the streams at a command boundary: the next master is being promoted, and no command may reach the old one.</summary>
internal sealed record HoldMaster : MasterDecision
{
    public override string ToString() => "hold the streams";
}

/// <summary>Hand over to this node: held streams continue there. A stream that is not held yet is held first.</summary>
internal sealed record HandOver(ConvoyRedisEndpoint Master, MasterChangeCause Cause) : MasterDecision
{
    public override string ToString() => $"hand over to {Master}: {Cause}";
}

/// <summary>Release held streams to their present master.</summary>
internal sealed record ReleaseMaster(ConvoyRedisEndpoint Master) : MasterDecision
{
    public override string ToString() => $"release the streams to {Master}";
}

/// <summary>Cut the streams to a dead master, so that new commands wait for the next one.</summary>
internal sealed record GiveUpMaster : MasterDecision
{
    public override string ToString() => "give the master up";
}

/// <summary>Ask this candidate for its ROLE, as often as it answers.</summary>
internal sealed record ProbeCandidate(ConvoyRedisEndpoint Candidate) : MasterDecision
{
    public override string ToString() => $"ask {Candidate} for its role";
}

/// <summary>Stop asking the candidate.</summary>
internal sealed record StopProbing : MasterDecision
{
    public override string ToString() => "ask for the role no more";
}

/// <summary>Ask this sentinel at once which master it knows.</summary>
internal sealed record AskSentinel(ConvoyRedisEndpoint Sentinel) : MasterDecision
{
    public override string ToString() => $"ask {Sentinel} for the master";
}

/// <summary>Ask this node, which sentinels name as the master, for its ROLE: the master that is followed still works.</summary>
internal sealed record AskNamed(ConvoyRedisEndpoint Node) : MasterDecision
{
    public override string ToString() => $"ask {Node} whether it is a master";
}

/// <summary>Stop asking this node.</summary>
internal sealed record StopAsking(ConvoyRedisEndpoint Node) : MasterDecision
{
    public override string ToString() => $"ask {Node} no more";
}
