using System.Collections.Concurrent;
using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Tunnel.Handover;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// The address of a cluster's node, as StackExchange.Redis knows it, and its streams, at most one for each connection type. They lead to that node;
/// or, while it is down and a replica has taken over its slots, to that replica: what waits for the dead node continues there at once, long before
/// StackExchange.Redis has learnt the new layout.
/// </summary>
internal sealed class NodeRoute : IStreamRoute
{
    private readonly ConcurrentDictionary<ConnectionType, StreamSlot> _slots = new();
    private readonly ConvoyRedisEndpoint _node;
    private readonly Func<DialPlan> _plan;
    private readonly MasterPointer _pointer;
    private readonly NodeAttempts _attempts;
    private readonly AskRedirect _redirect;
    private readonly ConnectionContext _context;

    /// <param name="node">The node.</param>
    /// <param name="plan">How nodes are dialled at this moment.</param>
    /// <param name="hasSuccessor">Told of a node that cannot be reached; says whether another may take over, so that waiting is worth while.</param>
    /// <param name="isConnected">Whether StackExchange.Redis is connected to a node.</param>
    /// <param name="context">The clock, the log and the metrics.</param>
    public NodeRoute(
        ConvoyRedisEndpoint node,
        Func<DialPlan> plan,
        Func<ConvoyRedisEndpoint, bool> hasSuccessor,
        Func<ConvoyRedisEndpoint, bool> isConnected,
        ConnectionContext context)
    {
        (_node, _plan, _context, _pointer) = (node, plan, context, MasterPointer.To(node));
        _attempts = new NodeAttempts(_pointer, (now, reason) => !reason.IsFinal && hasSuccessor(now), context.Time);
        _redirect = new AskRedirect(isConnected, (other, stop) => plan().Nodes.DialAsync(other, stop), context.Time);
    }

    public IEnumerable<StreamSlot> Slots => _slots.Values;

    public StreamSlot Slot(ConnectionType type) => _slots.GetOrAdd(type, type => new StreamSlot(_context, type, _redirect));

    /// <summary>A node has taken over from another: streams that lead to the former one are cut, and lead to the successor from now on.</summary>
    public void Succeed(ClusterMember former, ClusterMember successor)
    {
        // By a host name where the former one was known by its own: certificates may be made out to names only.
        if (_pointer.Node is { } now && former.IsAt(now))
            RouteTo(now == former.HostName && successor.HostName is { } name ? name : successor.Endpoint);
    }

    /// <summary>
    /// A former master serves again, as a replica: it must be reachable under its own address. What is in flight to its successor is waited for.
    /// </summary>
    /// <param name="former">The node.</param>
    /// <param name="hasLeft">Whether it is no longer there at all: nothing is handed back.</param>
    public async Task ReturnAsync(ClusterMember former, bool hasLeft)
    {
        if (!former.IsAt(_node) || _pointer.Node == _node)
            return;
        _pointer.MoveTo(_node);
        foreach (var (type, slot) in _slots)
        {
            if (!hasLeft && type == ConnectionType.Interactive && slot.Live is { } stream)
                await HandBackAsync(stream).ConfigureAwait(false);

            // The address may lead elsewhere again.
            slot.AbortUnlessTo(_pointer.Node);
        }
    }

    /// <summary>Opens a stream, and waits while the node is down and another may take over.</summary>
    /// <param name="slot">The stream's place.</param>
    /// <param name="attempt">Ends the wait.</param>
    /// <exception cref="ConvoyRedisConnectionException">The node is not reached, and no other one will take over; or it refuses the connection.</exception>
    public Task<NodeStream> OpenAsync(StreamSlot slot, CancellationTokenSource attempt) =>
        _attempts.OpenAsync(slot, attempt, (now, stop) => _plan().Nodes.DialAsync(now, stop));

    /// <summary>Ends every stream.</summary>
    public void Dispose()
    {
        foreach (var slot in Slots)
            slot.Dispose();
        _pointer.Dispose();
    }

    private async Task HandBackAsync(NodeStream stream)
    {
        var (_, nodes, deadline) = _plan();
        using var handover = new StreamHandover(stream, (target, stop) => nodes.DialAsync(target, stop), deadline, _context, isMasterReplaced: false);
        await handover.CompleteAsync(_node).ConfigureAwait(false);
    }

    private void RouteTo(ConvoyRedisEndpoint target)
    {
        _pointer.MoveTo(target);
        foreach (var slot in Slots)
            slot.AbortUnlessTo(target);
    }
}
