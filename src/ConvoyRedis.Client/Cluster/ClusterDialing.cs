using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Cluster;

/// <summary>Dials the nodes of a cluster.</summary>
internal static class ClusterDialing
{
    /// <summary>Dials a node at its address; where that fails, by the host name that it announces: its certificate may be made out to the name only.</summary>
    /// <exception cref="ConvoyRedisConnectionException">The node was not reached, or refused the connection.</exception>
    public static async Task<NodeTransport> DialAsync(this NodeDialer dialer, ClusterMember node, CancellationToken cancellationToken)
    {
        try
        {
            return await dialer.DialAsync(node.Endpoint, cancellationToken).ConfigureAwait(false);
        }
        catch (ConvoyRedisConnectionException) when (node.HostName is not null)
        {
            return await dialer.DialAsync(node.HostName.Value, cancellationToken).ConfigureAwait(false);
        }
    }
}
