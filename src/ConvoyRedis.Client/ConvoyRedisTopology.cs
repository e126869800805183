namespace ConvoyRedis.Client;

/// <summary>The kind of deployment that the addresses belong to.</summary>
public enum ConvoyRedisTopology
{
    /// <summary>One endpoint. It may be a provider's host name that points to changing nodes.</summary>
    Standalone,

    /// <summary>Sentinels that name the master.</summary>
    Sentinel,

    /// <summary>Nodes of a Redis Cluster.</summary>
    Cluster,
}
