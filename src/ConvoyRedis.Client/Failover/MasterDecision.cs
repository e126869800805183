using ConvoyRedis.Client.Connection;

namespace ConvoyRedis.Client.Failover;

/// <summary>
/// What the <see cref="MasterTracker"/> wants done; carried out by the <see cref="FailoverCoordinator"/>. Its text is what logs, timelines and recorded
/// traces show.
/// </summary>
internal abstract record MasterDecision;

/// <summary>Lead the connection to this node; streams to any other are cut.</summary>
internal sealed record Follow(ConvoyRedisEndpoint Master, MasterChangeCause Cause) : MasterDecision
{
    public override string ToString() => $"follow {Master}: {Cause}";
}

/// <summary>Hold the streams at a command boundary: from now on nothing may reach the old master, whose successor is being promoted.</summary>
internal sealed record HoldMaster : MasterDecision
{
    public override string ToString() => "hold the streams";
}

/// <summary>Lead the connection to this node without a break: held streams go on there. One that is not held yet is held first.</summary>
internal sealed record HandOver(ConvoyRedisEndpoint Master, MasterChangeCause Cause) : MasterDecision
{
    public override string ToString() => $"hand over to {Master}: {Cause}";
}

/// <summary>Let held streams go on to the master that they lead to.</summary>
internal sealed record ReleaseMaster(ConvoyRedisEndpoint Master) : MasterDecision
{
    public override string ToString() => $"release the streams to {Master}";
}

/// <summary>Cut the streams to a master that is dead: new commands wait for the next one instead of piling up behind it.</summary>
internal sealed record GiveUpMaster : MasterDecision
{
    public override string ToString() => "give the master up";
}

/// <summary>Ask this candidate for its ROLE, as often as it answers.</summary>
internal sealed record ProbeCandidate(ConvoyRedisEndpoint Candidate) : MasterDecision
{
    public override string ToString() => $"ask {Candidate} for its role";
}

/// <summary>The candidate needs no more asking.</summary>
internal sealed record StopProbing : MasterDecision
{
    public override string ToString() => "ask for the role no more";
}

/// <summary>Ask this sentinel at once which master it knows.</summary>
internal sealed record AskSentinel(ConvoyRedisEndpoint Sentinel) : MasterDecision
{
    public override string ToString() => $"ask {Sentinel} for the master";
}
