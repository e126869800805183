using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;
using ConvoyRedis.Client.Tunnel.Handover;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Asks each node with a command stream for its ROLE, each second and after a suspicious reply, over a separate connection
/// to the same address. It therefore notices a master that was demoted without an event (REPLICAOF, or a host name that moved), even if the service
/// only reads. If a replica was accepted instead of a master, or the node of a fixed endpoint does not answer, it searches for a master to move to.
/// </summary>
internal sealed class RoleMonitor : IAsyncDisposable
{
    /// <summary>The time between two questions.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly List<LogicalRoute> _routes = [];
    private readonly Dictionary<(ConvoyRedisEndpoint Node, ConvoyRedisEndpoint Address), Task> _watches = [];
    private readonly NodeDialer _dialer;
    private readonly HandledMoves _moves = new();
    private readonly ConnectionContext _context;
    private readonly Task _watching;
    private readonly Signal _look, _question;
    private int _suspicions;
    private readonly bool _isFixed;

    /// <param name="dialer">Dials nodes.</param>
    /// <param name="isFixed">Whether nobody else locates the master: the endpoint is fixed.</param>
    /// <param name="context">The clock and the log.</param>
    public RoleMonitor(NodeDialer dialer, bool isFixed, ConnectionContext context)
    {
        (_dialer, _isFixed, _context) = (dialer, isFixed, context);
        (_look, _question) = (new Signal(_context.Time), new Signal(_context.Time));
        _watching = Background.Run(WatchAsync);
    }

    /// <summary>Raised when a master has answered to ROLE; with the bytes that a replica may lack when its promotion is ordered, if it is to be soon.</summary>
    public event Action<ConvoyRedisEndpoint, RespReply, long>? MasterAnswered;

    public void Attach(LogicalRoute route)
    {
        lock (_gate)
            _routes.Add(route);
    }

    public void Detach(LogicalRoute route)
    {
        lock (_gate)
            _routes.Remove(route);
    }

    /// <summary>A reply was one that only a replica gives: asks at once. The reply alone proves nothing: it may be a late one of a former node.</summary>
    public void Suspect()
    {
        Interlocked.Increment(ref _suspicions);
        _question.Set();
    }

    /// <summary>Asks at once, instead of at the end of the second; also a node that is not watched yet.</summary>
    public void AskNow() => Array.ForEach([_look, _question], signal => signal.Set());

    public async ValueTask DisposeAsync()
    {
        await Disposal.EndAsync(
            _context.Logger,
            ("the role monitor's cancellation", () => new(_disposed.CancelAsync())),
            ("the role monitor", () => new(_watching)),
            ("the role monitor's connections", () => new(Task.WhenAll(_watches.Values)))).ConfigureAwait(false);
        _disposed.Dispose();
    }

    private List<LogicalRoute> RoutesTo((ConvoyRedisEndpoint Node, ConvoyRedisEndpoint Address) watched)
    {
        lock (_gate)
            return [.. _routes.Where(route => route.CommandStream?.Transport is { } transport && (transport.Node, transport.Address) == watched)];
    }

    private async Task WatchAsync()
    {
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                WatchEach();
            }
            catch (Exception exception)
            {
                Log.PartFailed(_context.Logger, "The role monitor", exception);
            }

            await ((Task)_look.WaitAsync(Period, _disposed.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Sees to it that each node is watched by one.
    private void WatchEach()
    {
        lock (_gate)
        {
            foreach (var transport in _routes.Select(route => route.CommandStream?.Transport).OfType<NodeTransport>())
            {
                var watched = (transport.Node, transport.Address);
                if (!_watches.TryGetValue(watched, out var watch) || watch.IsCompleted)
                    _watches[watched] = WatchAsync(watched);
            }

            foreach (var ended in _watches.Where(watch => watch.Value.IsCompleted).Select(watch => watch.Key).ToList())
                _watches.Remove(ended);
        }
    }

    // As long as commands go there.
    private async Task WatchAsync((ConvoyRedisEndpoint Node, ConvoyRedisEndpoint Address) watched)
    {
        await Task.Yield();
        try
        {
            var search = new MasterSearch(_dialer, _context.Time);
            using var own = await DialAsync(watched, search).ConfigureAwait(false);
            var (role, isSuspected, suspicions) = (own.Role, false, Volatile.Read(ref _suspicions));
            var replicas = new ReplicaLag(_context.Time, ReplicaLag.Bound);
            var maintenance = new NodeMaintenance(own, _dialer, _moves, _context);
            Task<RespReply> Ask(params string[] command) => AskAsync(command, own, watched, search, maintenance);
            if (_isFixed)
            {
                own.RunId = NodeTransport.RunIdOf(await Ask("INFO", "server").ConfigureAwait(false));
                await maintenance.SubscribeAsync(Ask).ConfigureAwait(false);
            }

            var served = new ServedClients(await Ask(ServedClients.Question).ConfigureAwait(false));
            RoutesTo(watched).ForEach(route => route.Served = served);
            while (RoutesTo(watched).Count > 0)
            {
                // If a node does not show its role, its replies decide.
                if (role.IsError ? isSuspected && !NodeRefusal.IsTemporary(role.Text!) : role[0] != "master")
                {
                    RoutesTo(watched).ForEach(route => route.LeaveDemoted(own, RoleReply.MasterIn(role), isSuspected));

                    // The next stream may go to another process at this address, which only a new connection reaches.
                    if (!role.IsError && !RoutesTo(watched).Exists(route => route.IsOnReplica))
                        return;
                }
                else if (RoutesTo(watched).Exists(route => route.CommandStream?.Transport.IsLaterProcessThan(own) == true))
                {
                    return;
                }
                else if (!role.IsError)
                {
                    replicas.Report(role, watched.Node, _dialer, _context.Logger);
                    MasterAnswered?.Invoke(watched.Node, role, replicas.LackedAtTheOrder(role));
                }

                // Behind the name of several replicas, the next one is no better than the one of the stream.
                if (role[0] == "master" || (role.IsError && !NodeRefusal.IsTemporary(role.Text!)))
                    RoutesTo(watched).ForEach(route => route.LeaveOtherProcess(own, isSuspected));

                // StackExchange.Redis took the node for a replica: also when it is a master again, only a new connection finds out.
                if (RoutesTo(watched).Exists(route => route.IsOnReplica)
                    && (role[0] == "master" || await search.FindAsync(watched.Node, false, _disposed.Token).ConfigureAwait(false) is not null))
                {
                    RoutesTo(watched).ForEach(route => route.LeaveReplica());
                    if (role[0] != "master")
                        return;
                }

                if (await maintenance.FollowAsync(RoutesTo(watched), _disposed.Token).ConfigureAwait(false))
                    return;
                await _question.WaitAsync(maintenance.Pause, _disposed.Token).ConfigureAwait(false);
                (isSuspected, suspicions) = (suspicions != Volatile.Read(ref _suspicions), Volatile.Read(ref _suspicions));
                role = await Ask("ROLE").ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // Locating the master handles a node that does not answer. It is watched again within a second.
            if (exception is not (IOException or ConvoyRedisConnectionException or OperationCanceledException))
                Log.PartFailed(_context.Logger, $"Watching the role of {watched.Node}", exception);
        }
    }

    // The node may hang from before it was dialled; then whoever answers at its name is moved to.
    private async Task<NodeTransport> DialAsync((ConvoyRedisEndpoint Node, ConvoyRedisEndpoint Address) watched, MasterSearch search)
    {
        using var limit = new Deadline(_isFixed ? Period * 0.9 : Timeout.InfiniteTimeSpan, _context.Time, _disposed.Token);
        try
        {
            return await _dialer.DialAsync(watched.Node, limit.Token, watched.Address).ConfigureAwait(false);
        }
        catch (Exception exception) when (_isFixed && exception is ConvoyRedisConnectionException or OperationCanceledException)
        {
            _disposed.Token.ThrowIfCancellationRequested();
            using var patience = new Deadline(Period, _context.Time, _disposed.Token);
            var silent = RoutesTo(watched).Where(route => route.CommandStream?.IsSilent() == true).ToList();
            var other = silent.Count == 0 ? null : await FindOtherAsync(search, watched.Node, patience.Token).ConfigureAwait(false);
            foreach (var route in silent)
            {
                if (other is { } address && route.CommandStream is { } stream)
                    route.LeaveSilent(stream.Transport, address);
            }

            RoutesTo(watched).Select(route => route.CommandStream).OfType<NodeStream>().ToList().ForEach(stream => stream.Transport.IsDoubted = true);
            throw;
        }
    }

    // A node that is only slow (a long script) answers in the end, and nobody else does at its name: then nothing is cut.
    private async Task<RespReply> AskAsync(
        string[] command, NodeTransport own, (ConvoyRedisEndpoint Node, ConvoyRedisEndpoint Address) watched, MasterSearch search, NodeMaintenance maintenance)
    {
        var asking = own.Resp.ExecuteAsync(command, _disposed.Token);
        using (var limit = new Deadline(Period, _context.Time, _disposed.Token))
            await ((Task)asking.WaitAsync(limit.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!asking.IsCompleted)
        {
            if (!_isFixed || RoutesTo(watched).Count == 0)
                throw new IOException($"{watched.Node} does not answer.");
            using var patience = new Deadline(Period, _context.Time, _disposed.Token);
            var other = maintenance.IsPatient ? null : await FindOtherAsync(search, watched.Node, patience.Token).ConfigureAwait(false);
            if (other is { } address && !asking.IsCompleted)
            {
                RoutesTo(watched).ForEach(route => route.LeaveSilent(own, address));
                throw new IOException($"{watched.Node} does not answer.");
            }

            await ((Task)asking.WaitAsync(Period / 2, _context.Time, _disposed.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _disposed.Token.ThrowIfCancellationRequested();
        }

        return await asking.ConfigureAwait(false);
    }

    private async Task<ConvoyRedisEndpoint?> FindOtherAsync(MasterSearch search, ConvoyRedisEndpoint node, CancellationToken cancellationToken)
    {
        try
        {
            return await search.FindAsync(node, isHiddenRoleAccepted: true, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _disposed.Token.ThrowIfCancellationRequested();
            return null;
        }
    }
}
