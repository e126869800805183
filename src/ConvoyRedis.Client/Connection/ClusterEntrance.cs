using ConvoyRedis.Client.Health;

namespace ConvoyRedis.Client.Connection;

/// <summary>Whether a single address leads to a node of a cluster: managed clusters have one name for all of their nodes.</summary>
internal static class ClusterEntrance
{
    /// <exception cref="ConvoyRedisConnectionException">The node does not answer within <c>connect_timeout</c>.</exception>
    public static async Task<bool> IsOneAsync(NodeTransport transport, ConvoyRedisTarget target, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(target.ConnectTimeout);
        try
        {
            // HELLO must be given a version before Redis 6.2, and is unknown before 6.0.
            var hello = await transport.Resp.ExecuteAsync(["HELLO", "2"], patience.Token).ConfigureAwait(false);
            if (hello.Field("mode") is { } mode)
                return mode == "cluster";
            var info = await transport.Resp.ExecuteAsync(["INFO", "cluster"], patience.Token).ConfigureAwait(false);
            return new NodeInfo(info.Text ?? "")["cluster_enabled"] == "1";
        }
        catch (Exception exception) when (exception is IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ConvoyRedisConnectionException(ConvoyRedisFault.Unreachable, $"{transport.Node} did not say whether it is of a cluster: {exception.Message}", exception);
        }
    }
}
