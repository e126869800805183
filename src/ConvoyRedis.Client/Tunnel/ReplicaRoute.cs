using System.Collections.Concurrent;
using System.Net;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tunnel.Handover;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// The second logical endpoint, for commands that may go to a replica. It leads to a replica that is in step, and to the master while there is none.
/// StackExchange.Redis takes it for a replica in both cases, and never writes over it (<see cref="ReplicaVeil"/>).
/// </summary>
internal sealed class ReplicaRoute : IStreamRoute
{
    private readonly ConcurrentDictionary<ConnectionType, StreamSlot> _slots = new();
    private readonly MasterPointer _pointer = new();
    private readonly Func<DialPlan> _plan;
    private readonly NodeAttempts _attempts;
    private readonly ConnectionContext _context;

    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="plan">How nodes are dialled at this moment.</param>
    /// <param name="context">The clock, the log and the metrics.</param>
    public ReplicaRoute(EndPoint endpoint, Func<DialPlan> plan, ConnectionContext context)
    {
        (Endpoint, _plan, _context) = (endpoint, plan, context);
        _attempts = new NodeAttempts(_pointer, (node, _) => IsUnreachable(node), context.Time);
    }

    /// <summary>Raised when a node cannot be reached.</summary>
    public event Action<ConvoyRedisEndpoint>? Unreachable;

    /// <summary>The endpoint's name.</summary>
    public EndPoint Endpoint { get; }

    /// <summary>The node that the endpoint leads to; null if there is none.</summary>
    public ConvoyRedisEndpoint? Node => _pointer.Node;

    /// <summary>The real address of the node that commands go to; null while there is no stream.</summary>
    public ConvoyRedisEndpoint? Address =>
        _slots.GetValueOrDefault(ConnectionType.Interactive)?.Live is { Transport: var transport } && transport.Node == Node ? transport.Address : null;

    /// <summary>Whether the endpoint leads to a replica.</summary>
    public bool IsOnReplica { get; set; }

    public IEnumerable<StreamSlot> Slots => _slots.Values;

    public StreamSlot Slot(ConnectionType type) => _slots.GetOrAdd(type, static (type, context) => new StreamSlot(context, type, redirect: null, isVeiled: true), _context);

    /// <summary>Leads to a node. What is in flight is answered before the commands continue there. Not to be called concurrently.</summary>
    /// <param name="node">The node.</param>
    /// <param name="isFit">Whether to go there, asked over a new connection to it.</param>
    /// <param name="cancellationToken">Ends the dial.</param>
    /// <returns>Whether it leads there; otherwise nothing has changed.</returns>
    /// <exception cref="ConvoyRedisConnectionException">The node is not reached; nothing has changed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<bool> MoveAsync(ConvoyRedisEndpoint node, Func<NodeTransport, Task<bool>> isFit, CancellationToken cancellationToken)
    {
        var (_, nodes, deadline) = _plan();
        NodeTransport? next = await nodes.DialAsync(node, cancellationToken).ConfigureAwait(false);
        try
        {
            if (!await isFit(next).ConfigureAwait(false))
                return false;
            _pointer.MoveTo(node);
            if (_slots.GetValueOrDefault(ConnectionType.Interactive)?.Live is { } stream && stream.Node != node)
            {
                using var handover = new StreamHandover(
                    stream, (_, _) => Task.FromResult(Interlocked.Exchange(ref next, null)!), deadline, _context, isMasterReplaced: false);
                await handover.CompleteAsync(node).ConfigureAwait(false);
            }

            AbortOthers();
            return true;
        }
        finally
        {
            next?.Dispose();
        }
    }

    /// <summary>Leads to no node, at once: what is in flight fails. Not to be called concurrently.</summary>
    public void Leave()
    {
        _pointer.MoveTo(null);
        AbortOthers();
    }

    public Task<NodeStream> OpenAsync(StreamSlot slot, CancellationTokenSource attempt) =>
        _attempts.OpenAsync(slot, attempt, (node, stop) => _plan().Nodes.DialAsync(node, stop));

    /// <summary>Ends every stream.</summary>
    public void Dispose()
    {
        foreach (var slot in Slots)
            slot.Dispose();
        _pointer.Dispose();
    }

    // The monitor leads the route elsewhere.
    private bool IsUnreachable(ConvoyRedisEndpoint node)
    {
        Unreachable?.Invoke(node);
        return true;
    }

    private void AbortOthers()
    {
        foreach (var slot in Slots)
            slot.AbortUnlessTo(_pointer.Node);
    }
}
