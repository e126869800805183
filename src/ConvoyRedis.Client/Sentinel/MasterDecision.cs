namespace ConvoyRedis.Client.Sentinel;

/// <summary>What the <see cref="MasterTracker"/> wants done; carried out by the <see cref="MasterLocator"/>.</summary>
internal abstract record MasterDecision;

/// <summary>Lead the connection to this node; streams to any other are cut.</summary>
internal sealed record Follow(ConvoyRedisEndpoint Master, MasterChangeCause Cause) : MasterDecision;

/// <summary>Hold the streams at a command boundary: from now on nothing may reach the old master, whose successor is being promoted.</summary>
internal sealed record HoldMaster : MasterDecision;

/// <summary>Lead the connection to this node without a break: held streams go on there. One that is not held yet is held first.</summary>
internal sealed record HandOver(ConvoyRedisEndpoint Master, MasterChangeCause Cause) : MasterDecision;

/// <summary>Let held streams go on to the master that they lead to.</summary>
internal sealed record ReleaseMaster(ConvoyRedisEndpoint Master) : MasterDecision;

/// <summary>Cut the streams to a master that is dead: new commands wait for the next one instead of piling up behind it.</summary>
internal sealed record GiveUpMaster : MasterDecision;

/// <summary>Ask this candidate for its ROLE, as often as it answers.</summary>
internal sealed record ProbeCandidate(ConvoyRedisEndpoint Candidate) : MasterDecision;

/// <summary>The candidate needs no more asking.</summary>
internal sealed record StopProbing : MasterDecision;

/// <summary>Ask this sentinel at once which master it knows.</summary>
internal sealed record AskSentinel(ConvoyRedisEndpoint Sentinel) : MasterDecision;
