using ConvoyRedis.Client;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tests;

/// <summary>The three kinds of deployment, for theories that hold for each.</summary>
internal static class Topologies
{
    public static TheoryData<ConvoyRedisTopology> All => [.. Enum.GetValues<ConvoyRedisTopology>()];

    public static async Task<RedisTopology> StartAsync(
        ConvoyRedisTopology topology, TlsSettings? tls, string? password, CancellationToken cancellationToken)
    {
        if (topology == ConvoyRedisTopology.Standalone)
            return await StandaloneRedis.StartAsync(new StandaloneOptions { Tls = tls, Password = password }, cancellationToken);
        if (topology == ConvoyRedisTopology.Cluster)
            return await ClusterTopology.StartAsync(new ClusterOptions { Tls = tls, Password = password }, cancellationToken);
        var sentinelPassword = password is null ? null : $"{password}, for sentinels";
        return await SentinelTopology.StartAsync(
            new SentinelOptions { Tls = tls, Password = password, SentinelPassword = sentinelPassword }, cancellationToken);
    }
}
