namespace ConvoyRedis.Client.Sentinel;

/// <summary>What the <see cref="MasterTracker"/> wants done; carried out by the <see cref="MasterLocator"/>.</summary>
internal abstract record MasterDecision;

/// <summary>Lead the connection to this node; streams to any other are cut.</summary>
internal sealed record Follow(ConvoyRedisEndpoint Master, MasterChangeCause Cause) : MasterDecision;

/// <summary>Cut the streams to a master that is dead: new commands wait for the next one instead of piling up behind it.</summary>
internal sealed record GiveUpMaster : MasterDecision;

/// <summary>Ask this candidate for its ROLE, as often as it answers.</summary>
internal sealed record ProbeCandidate(ConvoyRedisEndpoint Candidate) : MasterDecision;

/// <summary>The candidate needs no more asking.</summary>
internal sealed record StopProbing : MasterDecision;

/// <summary>Ask this sentinel at once which master it knows.</summary>
internal sealed record AskSentinel(ConvoyRedisEndpoint Sentinel) : MasterDecision;
