namespace ConvoyRedis.Client.Sentinel;

/// <summary>Something that was seen and that the <see cref="MasterTracker"/> folds into its view.</summary>
internal abstract record SentinelObservation;

/// <summary>A sentinel answered which master it knows, and at which configuration epoch.</summary>
internal sealed record SentinelAnswered(ConvoyRedisEndpoint Sentinel, ConvoyRedisEndpoint Master, long Epoch) : SentinelObservation;

/// <summary>The link to a sentinel ended, or could not be made.</summary>
internal sealed record SentinelLost(ConvoyRedisEndpoint Sentinel) : SentinelObservation;

/// <summary>A sentinel published an event about our master.</summary>
/// <param name="Sentinel">Who published it.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Master">The master that the event is about, before the failover; null where the event names none.</param>
/// <param name="Candidate">The replica that becomes the master; null where the event names none.</param>
internal sealed record SentinelEvent(
    ConvoyRedisEndpoint Sentinel, SentinelEventKind Kind, ConvoyRedisEndpoint? Master = null, ConvoyRedisEndpoint? Candidate = null)
    : SentinelObservation;

/// <summary>The candidate was asked for its ROLE.</summary>
internal sealed record CandidateProbed(ConvoyRedisEndpoint Candidate, bool IsMaster) : SentinelObservation;

/// <summary>The node that the connection leads to says that it is no master.</summary>
internal sealed record MasterDemoted(ConvoyRedisEndpoint Node) : SentinelObservation;

/// <summary>Time went by.</summary>
internal sealed record TimePassed : SentinelObservation;
