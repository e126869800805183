using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>A node took the observer's write, after a promotion or a start. Instants are those of the machine's monotonic clock, in nanoseconds.</summary>
/// <param name="Node">The node.</param>
/// <param name="PromotedAt">When the promotion ended the observer's idle connection; null after a start.</param>
/// <param name="WrittenAt">When the write was acknowledged.</param>
internal sealed record FleetTakeover(RedisServer Node, long? PromotedAt, long WrittenAt);
