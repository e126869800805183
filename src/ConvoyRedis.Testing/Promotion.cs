namespace ConvoyRedis.Testing;

/// <summary>A former replica accepted its first write.</summary>
/// <param name="Node">The node.</param>
/// <param name="Timestamp">When it acknowledged the write, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> counts.</param>
public sealed record Promotion(RedisServer Node, long Timestamp);
