using StackExchange.Redis;

namespace ConvoyRedis.Tool.Drill;

/// <summary>One write of a drill.</summary>
/// <param name="Key">What was written.</param>
/// <param name="Began">The time stamp of the call.</param>
/// <param name="Ended">The time stamp of the acknowledgement, or of the error.</param>
/// <param name="IsRepeated">Whether Redis had applied it before.</param>
/// <param name="Error">Why it failed; null when it was acknowledged.</param>
internal sealed record DrillWrite(RedisKey Key, long Began, long Ended, bool IsRepeated, string? Error);
