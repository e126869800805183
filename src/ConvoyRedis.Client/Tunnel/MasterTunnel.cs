using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel.Handover;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// Gives StackExchange.Redis its streams. The logical endpoint leads to whichever node it was last told to lead to, and only
/// to a node whose ROLE is master; any other endpoint (a cluster's nodes) is dialled as given. The tunnel owns the streams: at most one
/// lives per endpoint and connection type. A new master is reached by a cut, upon which StackExchange.Redis reconnects at once, through
/// here, or by a handover, of which it sees nothing.
/// </summary>
internal sealed class MasterTunnel : StackExchange.Redis.Configuration.Tunnel, IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<(EndPoint, ConnectionType), StreamSlot> _slots = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly EndPoint? _logical;
    private readonly MasterPointer _pointer = new();
    private readonly ConnectionContext _context;
    private readonly MasterObstacle _obstacle;
    private readonly List<StreamHandover> _held = [];
    private volatile DialPlan _plan;
    private int _waiting;

    /// <param name="logical">The endpoint that stands for the master; null when every endpoint is dialled as given.</param>
    /// <param name="masterDialer">Dials the node that the logical endpoint leads to, and checks its role.</param>
    /// <param name="dialer">Dials any other endpoint.</param>
    /// <param name="holdDeadline">How long a stream may be held.</param>
    /// <param name="context">Told of each failed attempt, each reconnect and each hold.</param>
    public MasterTunnel(EndPoint? logical, MasterDialer masterDialer, NodeDialer dialer, TimeSpan holdDeadline, ConnectionContext context) =>
        (_logical, _plan, _context, _obstacle) =
            (logical, new DialPlan(masterDialer, dialer, holdDeadline), context, new MasterObstacle(context));

    /// <summary>Raised when the node that the logical endpoint leads to says that it is no master.</summary>
    public event Action<ConvoyRedisEndpoint>? Demoted;

    /// <summary>Whether a connect waits in here for the master: StackExchange.Redis must not dial beside it.</summary>
    public bool IsWaiting => Volatile.Read(ref _waiting) > 0;

    /// <summary>The streams that are in use.</summary>
    public int LiveStreams => _slots.Values.Count(slot => slot.Live is not null);

    /// <summary>The node that the logical endpoint leads to; null when it leads nowhere.</summary>
    public ConvoyRedisEndpoint? Master => _pointer.Node;

    private IEnumerable<KeyValuePair<(EndPoint Endpoint, ConnectionType Type), StreamSlot>> LogicalSlots =>
        _slots.Where(slot => slot.Key.Item1.Equals(_logical));

    public override ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken) => default;

    // The token that StackExchange.Redis passes is always None: a connect ends here by being superseded or by disposal.
    public override async ValueTask<Stream?> BeforeAuthenticateAsync(
        EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        var slot = _slots.GetOrAdd((endpoint, connectionType), NewSlot);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        slot.Supersede(attempt);
        try
        {
            var isReconnect = slot.HasServed;
            var stream = endpoint.Equals(_logical)
                ? await OpenToMasterAsync(slot, attempt).ConfigureAwait(false)
                : await slot.AdoptAsync(attempt, await _plan.Nodes.DialAsync(ToNode(endpoint), attempt.Token).ConfigureAwait(false), attempt.Token).ConfigureAwait(false);
            if (isReconnect)
                _context.Telemetry.Reconnected(stream.Node);
            return stream;
        }
        finally
        {
            slot.Withdraw(attempt);
        }
    }

    /// <summary>Dials in another way from now on; streams that stand stay as they are.</summary>
    public void Dial(MasterDialer masterDialer, NodeDialer dialer, TimeSpan holdDeadline) => _plan = new DialPlan(masterDialer, dialer, holdDeadline);

    /// <summary>The command streams are about to log in anew with this.</summary>
    public void ExpectLogin(string[] login)
    {
        foreach (var slot in _slots.Values)
        {
            if (slot.Live is { } stream)
                stream.Session.OwnLogin = login;
        }
    }

    /// <summary>Leads the logical endpoint to a node, or (null) nowhere. Streams to any other are cut. Not to be called concurrently.</summary>
    public void Lead(ConvoyRedisEndpoint? master)
    {
        _pointer.MoveTo(master);
        foreach (var (_, slot) in LogicalSlots)
            slot.AbortUnlessTo(master);
        ForgetHeld();
    }

    /// <summary>Holds the command streams: nothing more reaches the old master, and nobody connects to it. Not to be called concurrently.</summary>
    public void Hold()
    {
        _pointer.MoveTo(null);
        foreach (var (key, slot) in LogicalSlots)
        {
            if (key.Type == ConnectionType.Interactive && slot.Live is { } stream)
                _held.Add(new StreamHandover(stream, _plan.Masters.DialAsync, _plan.HoldDeadline, _context));
        }
    }

    /// <summary>Lets held streams go on to the node that they lead to. Not to be called concurrently.</summary>
    public void Release(ConvoyRedisEndpoint master)
    {
        _pointer.MoveTo(master);
        foreach (var handover in _held)
            _ = EndAsync(handover, handover.ReleaseAsync());
        _held.Clear();
    }

    /// <summary>
    /// Leads the logical endpoint to a node without a break: command streams go on there, held first if they are not yet; the subscription
    /// stream is cut, and StackExchange.Redis subscribes again. Not to be called concurrently.
    /// </summary>
    /// <returns>When all have moved: how many bytes that the old master acknowledged may be lost, or null when that is not known.</returns>
    public async Task<long?> HandOverAsync(ConvoyRedisEndpoint master)
    {
        if (_held.Count == 0)
            Hold();
        _pointer.MoveTo(master);
        var held = _held.ToList();
        _held.Clear();
        foreach (var (key, slot) in LogicalSlots)
        {
            if (key.Type != ConnectionType.Interactive)
                slot.AbortUnlessTo(master);
        }

        var losses = await Task.WhenAll(held.Select(handover => CompleteAsync(handover, master))).ConfigureAwait(false);
        return losses.Length == 0 || losses.Contains(null) ? null : losses.Max();
    }

    /// <summary>The command stream to the master, if there is one.</summary>
    public NodeStream? CommandStream => LogicalSlots.FirstOrDefault(slot => slot.Key.Type == ConnectionType.Interactive).Value?.Live;

    /// <summary>The node at the other end says that it is no master: its streams are cut, and the next ones wait for a master, there or elsewhere.</summary>
    /// <param name="demoted">A transport to the node.</param>
    public void LeaveDemoted(NodeTransport demoted)
    {
        foreach (var (_, slot) in LogicalSlots)
        {
            if (slot.Live is { Transport: { IsAcceptedReplica: false } transport } stream
                && transport.Node == demoted.Node && transport.Address == demoted.Address)
            {
                Log.MasterDemoted(_context.Logger, demoted.Node);
                _context.Telemetry.StaleMasterRejected(demoted.Node);
                stream.Abort();
                Demoted?.Invoke(demoted.Node);
            }
        }
    }

    /// <summary>Whether a stream leads to a replica that was accepted in place of a master.</summary>
    public bool IsOnReplica => LogicalSlots.Any(slot => slot.Value.Live is { Transport.IsAcceptedReplica: true });

    /// <summary>A master answers where the endpoint leads: streams to a replica that was accepted in its place are cut, and the next ones are dialled anew.</summary>
    public void LeaveReplica()
    {
        _plan.Masters.ForgetReplica();
        foreach (var (_, slot) in LogicalSlots)
        {
            if (slot.Live is { Transport.IsAcceptedReplica: true } stream)
            {
                Log.ReplicaLeft(_context.Logger, stream.Node);
                stream.Abort();
            }
        }
    }

    /// <summary>Ends every stream and every wait.</summary>
    public void Dispose()
    {
        if (_disposed.IsCancellationRequested)
            return;
        _disposed.Cancel();
        foreach (var slot in _slots.Values)
            slot.Dispose();
        ForgetHeld();
        _pointer.Dispose();
    }

    private async Task<NodeStream> OpenToMasterAsync(StreamSlot slot, CancellationTokenSource attempt)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            var backoff = new Backoff(FirstPause, LongestPause);
            while (true)
            {
                var (master, movedAway) = await _pointer.WaitAsync(attempt.Token).ConfigureAwait(false);
                using var current = CancellationTokenSource.CreateLinkedTokenSource(attempt.Token, movedAway);
                try
                {
                    var transport = await _plan.Masters.DialAsync(master, current.Token).ConfigureAwait(false);
                    var stream = await slot.AdoptAsync(attempt, transport, current.Token).ConfigureAwait(false);
                    if (_pointer.Node == master)
                    {
                        _obstacle.Passed(master);
                        if (!stream.Transport.IsAcceptedReplica)
                            LeaveReplica();
                        return stream;
                    }

                    stream.Abort();
                }
                catch (ConvoyRedisConnectionException exception)
                {
                    Log.MasterNotReady(_context.Logger, master, exception.Message);
                    _obstacle.Met(master, exception);
                    if (exception.IsFinal)
                        throw;
                    if (exception.Fault == ConvoyRedisFault.NotMaster)
                    {
                        _context.Telemetry.StaleMasterRejected(master);
                        Demoted?.Invoke(master);
                    }

                    await PauseAsync(backoff.Next(), current.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!attempt.IsCancellationRequested)
                {
                    backoff.Reset();
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    // On a subscription stream, replies do not answer commands one by one.
    private StreamSlot NewSlot((EndPoint Endpoint, ConnectionType Type) key) =>
        new(key.Type == ConnectionType.Interactive ? _context.Telemetry : null);

    // A move of the pointer ends the pause early; that is not an error.
    private static async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        await Task.Delay(pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<long?> CompleteAsync(StreamHandover handover, ConvoyRedisEndpoint master)
    {
        var completing = handover.CompleteAsync(master);
        await EndAsync(handover, completing).ConfigureAwait(false);

        // Who led the endpoint elsewhere meanwhile has perhaps not seen this stream there.
        foreach (var (_, slot) in LogicalSlots)
        {
            if (_pointer.Node is { } now && now != master)
                slot.AbortUnlessTo(now);
        }

        return await completing.ConfigureAwait(false);
    }

    private static async Task EndAsync(StreamHandover handover, Task ending)
    {
        await ending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        handover.Dispose();
    }

    // Their streams have been aborted; what they still do fails.
    private void ForgetHeld()
    {
        foreach (var handover in _held)
            _ = EndAsync(handover, handover.ReleaseAsync());
        _held.Clear();
    }

    internal static ConvoyRedisEndpoint ToNode(EndPoint endpoint) => endpoint switch
    {
        DnsEndPoint dns => new ConvoyRedisEndpoint(dns.Host, dns.Port),
        IPEndPoint ip => new ConvoyRedisEndpoint(ip.Address.ToString(), ip.Port),
        _ => throw new NotSupportedException($"An endpoint of type {endpoint.GetType().Name} cannot be dialled."),
    };

    /// <summary>How nodes are dialled, and how long streams are held.</summary>
    private sealed record DialPlan(MasterDialer Masters, NodeDialer Nodes, TimeSpan HoldDeadline);
}
