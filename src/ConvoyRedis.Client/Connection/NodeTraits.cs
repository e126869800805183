using ConvoyRedis.Client.Health;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Connection;

/// <summary>What must be known of a server before a multiplexer is made for it.</summary>
/// <param name="IsOfCluster">Whether a single address leads to a node of a cluster: managed clusters have one name for all of their nodes.</param>
/// <param name="Refused">What it refuses of ECHO and PING, by which StackExchange.Redis finds out whether a connection works.</param>
internal sealed record NodeTraits(bool IsOfCluster, IReadOnlyList<string> Refused)
{
    private static readonly string[] Tracers = ["ECHO", "PING"];

    /// <summary>Asks a node.</summary>
    /// <exception cref="ConvoyRedisConnectionException">The node does not answer within <c>connect_timeout</c>.</exception>
    public static async Task<NodeTraits> AskAsync(NodeTransport transport, ConvoyRedisTarget target, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(target.ConnectTimeout);
        try
        {
            var refused = new List<string>();
            foreach (var tracer in Tracers)
            {
                var reply = await transport.Resp.ExecuteAsync([tracer, "convoy-redis"], patience.Token).ConfigureAwait(false);
                if (reply.IsError && NodeRefusal.IsDenied(reply.Text!))
                    refused.Add(tracer);
            }

            var isOfCluster = target.Topology == ConvoyRedisTopology.Standalone && await IsOfClusterAsync(transport.Resp, patience.Token).ConfigureAwait(false);
            return new NodeTraits(isOfCluster, refused);
        }
        catch (Exception exception) when (exception is IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ConvoyRedisConnectionException(
                ConvoyRedisFault.Unreachable, $"{transport.Node} did not answer the first commands of the connection: {exception.Message}", exception);
        }
    }

    // Each of the three may be unknown or refused to our user; the first that tells decides.
    private static async Task<bool> IsOfClusterAsync(RespConnection node, CancellationToken cancellationToken)
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
