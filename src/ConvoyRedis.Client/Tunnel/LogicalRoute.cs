using System.Collections.Concurrent;
using System.Net;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tunnel.Handover;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// One logical endpoint: the node that it points to, and its streams, at most one for each connection type. It points only to a node
/// whose ROLE is master. The move to a new master is either a cut, after which StackExchange.Redis reconnects at once through this route, or a
/// handover, which StackExchange.Redis does not notice.
/// </summary>
internal sealed class LogicalRoute : IStreamRoute
{
    private readonly ConcurrentDictionary<ConnectionType, StreamSlot> _slots = new();
    private readonly MasterPointer _pointer = new();
    private readonly Func<DialPlan> _plan;
    private readonly ConnectionContext _context;
    private readonly List<StreamHandover> _held = [];
    private int _waiting;

    /// <param name="endpoint">The endpoint's name, the only one that StackExchange.Redis knows.</param>
    /// <param name="plan">How nodes are dialled at this moment.</param>
    /// <param name="context">The clock, the log and the metrics.</param>
    public LogicalRoute(EndPoint endpoint, Func<DialPlan> plan, ConnectionContext context)
    {
        (Endpoint, _plan, _context) = (endpoint, plan, context);
        Attempts = new MasterAttempts(_pointer, (node, successor) => Demoted?.Invoke(node, successor), context);
    }

    /// <summary>Raised when the node of the endpoint reports that it is not a master, with the node whose replica it is, if it says so.</summary>
    public event Action<ConvoyRedisEndpoint, ConvoyRedisEndpoint?>? Demoted;

    /// <summary>The endpoint's name.</summary>
    public EndPoint Endpoint { get; }

    /// <summary>What is done at the master, wherever it is.</summary>
    public MasterAttempts Attempts { get; }

    /// <summary>Whether a connect waits here for the master.</summary>
    public bool IsWaiting => Volatile.Read(ref _waiting) > 0;

    /// <summary>The node that the endpoint points to; null if there is none.</summary>
    public ConvoyRedisEndpoint? Master => _pointer.Node;

    public IEnumerable<StreamSlot> Slots => _slots.Values;

    /// <summary>The command stream, if there is one.</summary>
    public NodeStream? CommandStream => _slots.GetValueOrDefault(ConnectionType.Interactive)?.Live;

    /// <summary>How many connections the master serves, as far as is known.</summary>
    public ServedClients Served { get; set; }

    public DialPlan Plan => _plan();

    /// <summary>Whether a stream is connected to a replica that was accepted instead of a master.</summary>
    public bool IsOnReplica => Slots.Any(slot => slot.Live is { Transport.IsAcceptedReplica: true });

    public StreamSlot Slot(ConnectionType type) =>
        _slots.GetOrAdd(type, static (type, route) => new StreamSlot(route._context, type, redirect: null, plan: route._plan), this);

    /// <summary>
    /// Points the endpoint to a node, or to none (null). Streams to any other node are cut; but one whose node has refused writes is handed over, so that nobody
    /// sees the refusals. Not to be called concurrently.
    /// </summary>
    public void RouteTo(ConvoyRedisEndpoint? master)
    {
        _pointer.MoveTo(master);
        var refused = master is null || _held.Count > 0 ? null : CommandStream is { HasRefusedWrites: true } stream && stream.Node != master ? stream : null;
        foreach (var slot in Slots.Where(slot => refused is null || slot.Live != refused))
            slot.AbortUnlessTo(master);
        ForgetHeld();
        if (refused is not null)
            _ = CompleteAsync(HandoverOf(refused), master!.Value);
    }

    /// <summary>Holds the command stream: no command reaches the old master, and no stream connects to it. Not to be called concurrently.</summary>
    public void Hold()
    {
        _pointer.MoveTo(null);
        if (CommandStream is { } stream)
            _held.Add(HandoverOf(stream));
    }

    /// <summary>Releases a held stream to its present node. Not to be called concurrently.</summary>
    public void Release(ConvoyRedisEndpoint master)
    {
        _pointer.MoveTo(master);
        ForgetHeld();
    }

    /// <summary>
    /// Hands over to a node: the command stream continues there, held first if it is not held yet; the subscription
    /// stream is cut, and StackExchange.Redis subscribes again. Not to be called concurrently.
    /// </summary>
    /// <returns>After all streams have moved: the number of acknowledged bytes that may be lost, or null if unknown.</returns>
    public async Task<long?> HandOverAsync(ConvoyRedisEndpoint master)
    {
        if (_held.Count == 0)
            Hold();
        _pointer.MoveTo(master);
        var held = _held.ToList();
        _held.Clear();
        foreach (var (type, slot) in _slots)
        {
            if (type != ConnectionType.Interactive)
                slot.AbortUnlessTo(master);
        }

        var losses = await Task.WhenAll(held.Select(handover => CompleteAsync(handover, master))).ConfigureAwait(false);
        return losses.Length == 0 || losses.Contains(null) ? null : losses.Max();
    }

    /// <summary>A node says that it is no master, or refused a write: its streams wait for one if it refused writes; else they are cut, and the next ones wait.</summary>
    /// <param name="demoted">A transport to the node.</param>
    /// <param name="successor">The node whose replica it is, if it says so.</param>
    /// <param name="isSuspected">Whether a write was refused: then also streams to another process at the address of the node are left.</param>
    public void LeaveDemoted(NodeTransport demoted, ConvoyRedisEndpoint? successor, bool isSuspected)
    {
        foreach (var stream in StreamsTo(demoted).Where(stream => !stream.Transport.IsAcceptedReplica && (isSuspected || !stream.Transport.IsOtherProcessThan(demoted))))
        {
            Log.MasterDemoted(_context.Logger, demoted.Node);
            _context.Telemetry.StaleMasterRejected(demoted.Node);
            if (!stream.HasRefusedWrites)
                stream.Abort();
            Demoted?.Invoke(demoted.Node, successor);
        }
    }

    /// <summary>A node does not answer, and a master does at another address of the endpoint, or over a new connection: the streams that do not answer are cut.</summary>
    /// <param name="silent">A transport to the node.</param>
    /// <param name="address">Where the master answered: the next stream leads there, since the silent node may still accept connections.</param>
    public void LeaveSilent(NodeTransport silent, ConvoyRedisEndpoint address)
    {
        _plan().Masters.Prefer(address);
        foreach (var stream in StreamsTo(silent).Where(stream => !stream.Transport.IsOtherProcessThan(silent) || stream.IsSilent()))
        {
            Log.SilentNodeLeft(_context.Logger, silent.Node, silent.Address, address);
            stream.Abort();
        }
    }

    /// <summary>
    /// Behind a load balancer, or a name that moved, another process may answer at the address by now than when the stream was opened: then a stream that does
    /// not answer, or refuses writes, is cut. A process that does not show its id (INFO) may be another one when nobody answered for a while.
    /// </summary>
    /// <param name="own">A transport to the process that answers.</param>
    /// <param name="isSuspected">Whether the node of the stream refused a write.</param>
    public void LeaveOtherProcess(NodeTransport own, bool isSuspected)
    {
        if (CommandStream is not { Transport: var streamed } stream)
            return;
        var isOther = own.RunId is null || streamed.RunId is null ? streamed.IsDoubted : own.IsOtherProcessThan(streamed);
        if (isOther && (isSuspected || stream.IsSilent()))
            LeaveSilent(streamed, streamed.Address);
    }

    /// <summary>A master answers at the endpoint: streams to a replica that was accepted instead are cut, and new ones are opened.</summary>
    public void LeaveReplica()
    {
        _plan().Masters.ForgetReplica();
        foreach (var stream in Slots.Select(slot => slot.Live).OfType<NodeStream>().Where(stream => stream.Transport.IsAcceptedReplica))
        {
            Log.ReplicaLeft(_context.Logger, stream.Node);
            stream.Abort();
        }
    }

    /// <summary>Opens a stream to the master, and waits for one for as long as there is none.</summary>
    /// <param name="slot">The stream's place.</param>
    /// <param name="attempt">Ends the wait.</param>
    /// <exception cref="ConvoyRedisConnectionException">The master refuses the connection permanently.</exception>
    public async Task<NodeStream> OpenAsync(StreamSlot slot, CancellationTokenSource attempt)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            return await Attempts.UntilDoneAsync(async (master, current) =>
            {
                await slot.LetOthersGoFirstAsync(attempt, Served, current).ConfigureAwait(false);
                return await TryOpenAsync(slot, attempt, master, current).ConfigureAwait(false);
            }, attempt.Token).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Ends every stream.</summary>
    public void Dispose()
    {
        foreach (var slot in Slots)
            slot.Dispose();
        ForgetHeld();
        _pointer.Dispose();
    }

    public List<NodeStream> StreamsTo(NodeTransport other) =>
        [.. Slots.Select(slot => slot.Live).OfType<NodeStream>().Where(stream => (stream.Node, stream.Transport.Address) == (other.Node, other.Address))];

    // Null if the endpoint has moved in the meantime.
    private async Task<NodeStream?> TryOpenAsync(StreamSlot slot, CancellationTokenSource attempt, ConvoyRedisEndpoint master, CancellationToken cancellationToken)
    {
        if (await Attempts.TryOpenAsync(slot, attempt, master, _plan().Masters, cancellationToken).ConfigureAwait(false) is not { } stream)
            return null;
        Attempts.Succeeded(master);
        if (!stream.Transport.IsAcceptedReplica)
            LeaveReplica();
        return stream;
    }

    private StreamHandover HandoverOf(NodeStream stream)
    {
        var (masters, nodes, deadline) = _plan();
        return new StreamHandover(stream, masters.DialAsync, deadline, _context, stop => nodes.DialAsync(stream.Node, stop));
    }

    private async Task<long?> CompleteAsync(StreamHandover handover, ConvoyRedisEndpoint master)
    {
        var completing = handover.CompleteAsync(master);
        await EndAsync(handover, completing).ConfigureAwait(false);

        // A concurrent move of the endpoint may not have seen this stream.
        foreach (var slot in Slots)
        {
            if (_pointer.Node is { } now && now != master)
                slot.AbortUnlessTo(now);
        }

        return await completing.ConfigureAwait(false);
    }

    // What was aborted meanwhile fails in what it still does.
    private void ForgetHeld()
    {
        foreach (var handover in _held)
            _ = EndAsync(handover, handover.ReleaseAsync());
        _held.Clear();
    }

    private static async Task EndAsync(StreamHandover handover, Task ending)
    {
        await ending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        handover.Dispose();
    }
}
