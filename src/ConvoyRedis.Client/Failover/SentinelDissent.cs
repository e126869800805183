namespace ConvoyRedis.Client.Failover;

/// <summary>A sentinel that names another master than the one that is followed, for longer than a failover explains.</summary>
/// <param name="Sentinel">The sentinel.</param>
/// <param name="Master">The master that it names.</param>
/// <param name="Epoch">The configuration epoch at which it names it.</param>
internal sealed record SentinelDissent(ConvoyRedisEndpoint Sentinel, ConvoyRedisEndpoint Master, long Epoch);
