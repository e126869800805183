namespace ConvoyRedis.Client;

/// <summary>How the configured addresses hang together.</summary>
public enum ConvoyRedisTopology
{
    /// <summary>One endpoint, perhaps a provider's name behind which nodes change.</summary>
    Standalone,

    /// <summary>Sentinels that name the master.</summary>
    Sentinel,

    /// <summary>Nodes of a Redis Cluster.</summary>
    Cluster,
}
