namespace ConvoyRedis.Client.Sentinel;

/// <summary>A sentinel as another one names it.</summary>
/// <param name="Id">Its id, which it keeps wherever it moves.</param>
/// <param name="Endpoint">Where it is.</param>
internal sealed record SentinelPeer(string Id, ConvoyRedisEndpoint Endpoint);
