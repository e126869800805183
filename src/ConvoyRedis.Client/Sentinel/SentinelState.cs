namespace ConvoyRedis.Client.Sentinel;

/// <summary>How it stands with one sentinel.</summary>
/// <param name="Fault">Why there is no link, or why it names no master; null when all is well.</param>
/// <param name="QuorumFault">Why it could not fail over (<c>SENTINEL CKQUORUM</c>); null when it could, or does not say.</param>
/// <param name="Replicas">How many replicas it knows (<c>num-slaves</c>); null until it said so.</param>
internal sealed record SentinelState(string? Fault, string? QuorumFault, int? Replicas);
