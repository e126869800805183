namespace ConvoyRedis.Client.Sentinel;

/// <summary>The state of one sentinel.</summary>
/// <param name="Fault">Why the sentinel is not connected, or names no master; null if neither.</param>
/// <param name="QuorumFault">Why it could not fail over (<c>SENTINEL CKQUORUM</c>); null when it could, or does not say.</param>
/// <param name="Replicas">How many replicas it knows (<c>num-slaves</c>); null until it said so.</param>
internal sealed record SentinelState(string? Fault, string? QuorumFault, int? Replicas);
