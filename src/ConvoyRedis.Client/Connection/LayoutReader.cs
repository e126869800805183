using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Connection;

/// <summary>Asks the nodes of a cluster for its layout, and for what tells that it has changed.</summary>
/// <param name="dialer">Dials nodes.</param>
/// <param name="view">Told of refusals.</param>
/// <param name="context">The clock.</param>
internal sealed class LayoutReader(NodeDialer dialer, ClusterView view, ConnectionContext context)
{
    /// <summary>How long a node may take to answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    // Of CLUSTER INFO: each changes when nodes join or leave, or when slots find another master.
    private static readonly string[] TellTales = ["cluster_known_nodes", "cluster_current_epoch", "cluster_my_epoch", "cluster_size", "cluster_slots_assigned"];

    /// <summary>The layout, as a node shows it; null if it does not.</summary>
    /// <exception cref="IOException">The connection has ended.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<ClusterLayout?> ReadAsync(NodeTransport node, CancellationToken cancellationToken)
    {
        var answer = await node.Resp.ExecuteAsync(["CLUSTER", "NODES"], cancellationToken).ConfigureAwait(false);
        if (!answer.IsError)
            return ClusterLayout.Read(answer.Text);
        if (!NodeRefusal.IsTemporary(answer.Text!))
            view.NoteRefusal();
        return null;
    }

    /// <summary>The layout, as the first of these nodes shows it that answers; null if none does.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<ClusterLayout?> ReadAsync(IEnumerable<ConvoyRedisEndpoint> nodes, CancellationToken stop)
    {
        foreach (var node in nodes.Distinct())
        {
            try
            {
                using var transport = await dialer.DialAsync(node, stop).ConfigureAwait(false);
                using var patience = new Deadline(Patience, context.Time, stop);
                if (await ReadAsync(transport, patience.Token).ConfigureAwait(false) is { } layout)
                    return layout;
            }
            catch (Exception exception) when (exception is IOException or ConvoyRedisConnectionException or OperationCanceledException)
            {
                stop.ThrowIfCancellationRequested();
            }
        }

        return null;
    }

    /// <summary>A text that changes when the layout does; null where the node refuses to tell.</summary>
    /// <exception cref="IOException">The connection has ended.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<string?> AskChangesAsync(NodeTransport node, CancellationToken cancellationToken)
    {
        var info = NodeInfo.From(await node.Resp.ExecuteAsync(["CLUSTER", "INFO"], cancellationToken).ConfigureAwait(false));
        return info is null ? null : string.Join(' ', TellTales.Select(name => info[name]));
    }
}
