using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Cluster;

/// <summary>Detects whether a single address belongs to a cluster node: managed clusters have one host name for all nodes.</summary>
internal static class ClusterDetector
{
    /// <summary>Asks a node by HELLO, INFO and CLUSTER INFO. The node may refuse any of them; the first that answers decides.</summary>
    public static async Task<bool> IsNodeOfClusterAsync(RespConnection node, CancellationToken cancellationToken)
    {
        // HELLO must be given a version before Redis 6.2, and is unknown before 6.0.
        var hello = await node.ExecuteAsync(["HELLO", "2"], cancellationToken).ConfigureAwait(false);
        if (hello.Field("mode") is { } mode)
            return mode == "cluster";
        if (NodeInfo.From(await node.ExecuteAsync(["INFO", "cluster"], cancellationToken).ConfigureAwait(false))?["cluster_enabled"] is { } enabled)
            return enabled == "1";
        return NodeInfo.From(await node.ExecuteAsync(["CLUSTER", "INFO"], cancellationToken).ConfigureAwait(false))?["cluster_state"] is not null;
    }
}
