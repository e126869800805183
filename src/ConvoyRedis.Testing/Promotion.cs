namespace ConvoyRedis.Testing;

/// <summary>A node took a write that is a replica no more.</summary>
/// <param name="Node">The node.</param>
/// <param name="Timestamp">When it acknowledged, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> counts.</param>
public sealed record Promotion(RedisServer Node, long Timestamp);
