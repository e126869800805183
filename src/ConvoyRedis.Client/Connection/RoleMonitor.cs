using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Asks each node with a command stream for its ROLE, each second and after a suspicious reply, over a separate connection
/// to the same address. It therefore notices a master that was demoted without an event (REPLICAOF, or a host name that moved), even if the service
/// only reads. If a replica was accepted instead of a master, it searches for a master to move to.
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
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _watching;
    private readonly Signal _suspicion;

    public RoleMonitor(NodeDialer dialer, ConnectionContext context)
    {
        (_dialer, _time, _logger) = (dialer, context.Time, context.Logger);
        _suspicion = new Signal(_time);
        _watching = Background.Run(WatchAsync);
    }

    /// <summary>Also watches the node of this route.</summary>
    public void Attach(LogicalRoute route)
    {
        lock (_gate)
            _routes.Add(route);
    }

    /// <summary>No longer watches for this route.</summary>
    public void Detach(LogicalRoute route)
    {
        lock (_gate)
            _routes.Remove(route);
    }

    /// <summary>A reply was one that only a replica gives: asks at once. The reply alone proves nothing: it may be a late one of a former node.</summary>
    public void Suspect() => _suspicion.Set();

    public async ValueTask DisposeAsync()
    {
        await Disposal.EndAsync(
            _logger,
            ("the role monitor's cancellation", () => new(_disposed.CancelAsync())),
            ("the role monitor", () => new(_watching)),
            ("the role monitor's connections", () => new(Task.WhenAll(_watches.Values)))).ConfigureAwait(false);
        _disposed.Dispose();
    }

    private IEnumerable<LogicalRoute> RoutesTo((ConvoyRedisEndpoint Node, ConvoyRedisEndpoint Address) watched)
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
                Log.PartFailed(_logger, "The role monitor", exception);
            }

            await Task.Delay(Period, _time, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
            using var own = await _dialer.DialAsync(watched.Node, _disposed.Token, watched.Address).ConfigureAwait(false);
            var (role, isSuspected) = (own.Role, false);
            var replicas = new ReplicaLag(_time);
            var search = new MasterSearch(_dialer, _time);
            while (RoutesTo(watched).Any())
            {
                // If a node does not show its role, its replies decide.
                if (role.IsError ? isSuspected && !NodeRefusal.IsTemporary(role.Text!) : role[0] != "master")
                {
                    foreach (var route in RoutesTo(watched))
                        route.LeaveDemoted(own);
                }
                else if (!role.IsError)
                {
                    LogLag(watched.Node, replicas.Observe(role));
                }

                // StackExchange.Redis took the node for a replica: also when it is a master again, only a new connection finds out.
                if (RoutesTo(watched).Any(route => route.IsOnReplica)
                    && (role[0] == "master" || await search.FindsAsync(watched.Node, _disposed.Token).ConfigureAwait(false)))
                {
                    foreach (var route in RoutesTo(watched))
                        route.LeaveReplica();
                }

                isSuspected = await _suspicion.WaitAsync(Period, _disposed.Token).ConfigureAwait(false);
                using var patience = new Deadline(Period, _time, _disposed.Token);
                role = await own.Resp.ExecuteAsync(["ROLE"], patience.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // Locating the master handles a node that does not answer. It is watched again within a second.
            if (exception is not (IOException or ConvoyRedisConnectionException or OperationCanceledException))
                Log.PartFailed(_logger, $"Watching the role of {watched.Node}", exception);
        }
    }

    private void LogLag(ConvoyRedisEndpoint master, IEnumerable<(string Address, bool IsBehind)> replicas)
    {
        foreach (var (address, isBehind) in replicas)
        {
            if (isBehind)
                Log.ReplicaBehind(_logger, _dialer.Shown(address), master, ReplicaLag.Bound.TotalSeconds, Remedies.ReplicaDown);
            else
                Log.ReplicaCaughtUp(_logger, _dialer.Shown(address), master);
        }
    }
}
