using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Connection;

/// <summary>The properties of a server that must be known before its multiplexer is created.</summary>
/// <param name="IsOfCluster">Whether a single address belongs to a cluster node: managed clusters have one host name for all nodes.</param>
/// <param name="Refused">The commands of ECHO and PING that it refuses; StackExchange.Redis tests connections with them.</param>
internal sealed record NodeTraits(bool IsOfCluster, IReadOnlyList<string> Refused)
{
    private static readonly string[] Tracers = ["ECHO", "PING"];

    /// <summary>Asks a node.</summary>
    /// <exception cref="ConvoyRedisConnectionException">The node does not answer within <c>connect_timeout</c>.</exception>
    public static async Task<NodeTraits> AskAsync(NodeTransport transport, ConvoyRedisTarget target, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new Deadline(target.ConnectTimeout, time, cancellationToken);
        try
        {
            var refused = new List<string>();
            foreach (var tracer in Tracers)
            {
                var reply = await transport.Resp.ExecuteAsync([tracer, "convoy-redis"], patience.Token).ConfigureAwait(false);
                if (reply.IsError && NodeRefusal.IsDenied(reply.Text!))
                    refused.Add(tracer);
            }

            var isOfCluster = target.Topology == ConvoyRedisTopology.Standalone && await ClusterDetector.IsNodeOfClusterAsync(transport.Resp, patience.Token).ConfigureAwait(false);
            return new NodeTraits(isOfCluster, refused);
        }
        catch (Exception exception) when (exception is IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ConvoyRedisConnectionException(
                ConvoyRedisFault.Unreachable, $"{transport.Node} did not answer the first commands of the connection: {exception.Message}", exception);
        }
    }
}
