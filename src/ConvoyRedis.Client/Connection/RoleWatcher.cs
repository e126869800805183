using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Resilience;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Asks each node at the other end of a command stream for its ROLE, each second and whenever a reply makes it suspect, on one connection of its
/// own to the same address: a master that was demoted without a word (REPLICAOF, a name that moved while the connection stayed) is
/// noticed also by those who only read. Where a replica was accepted in place of a master, it sees to it that the replica is left for a master.
/// </summary>
internal sealed class RoleWatcher : IAsyncDisposable
{
    /// <summary>The time between two questions.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly List<MasterTunnel> _tunnels = [];
    private readonly Dictionary<(ConvoyRedisEndpoint Node, ConvoyRedisEndpoint Address), Task> _watches = [];
    private readonly NodeDialer _dialer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _watching;
    private TaskCompletionSource _suspicion = NewSignal();

    public RoleWatcher(NodeDialer dialer, Surroundings surroundings)
    {
        (_dialer, _time, _logger) = (dialer, surroundings.Time, surroundings.Logger);
        _watching = Background.Run(WatchAsync);
    }

    /// <summary>Watches also the node that this tunnel leads to.</summary>
    public void Attach(MasterTunnel tunnel)
    {
        lock (_gate)
            _tunnels.Add(tunnel);
    }

    /// <summary>No longer watches for this tunnel.</summary>
    public void Detach(MasterTunnel tunnel)
    {
        lock (_gate)
            _tunnels.Remove(tunnel);
    }

    /// <summary>A reply was one that only a replica gives: asks at once. The reply alone proves nothing, it may be late and from a node long left.</summary>
    public void Suspect() => Volatile.Read(ref _suspicion).TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await Disposal.EndAsync(
            _logger,
            ("the role watcher's cancellation", () => new(_disposed.CancelAsync())),
            ("the role watcher", () => new(_watching)),
            ("the role watcher's connections", () => new(Task.WhenAll(_watches.Values)))).ConfigureAwait(false);
        _disposed.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IEnumerable<MasterTunnel> TunnelsTo((ConvoyRedisEndpoint Node, ConvoyRedisEndpoint Address) watched)
    {
        lock (_gate)
            return [.. _tunnels.Where(tunnel => tunnel.CommandStream?.Transport is { } transport && (transport.Node, transport.Address) == watched)];
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
                Log.PartFailed(_logger, "The role watcher", exception);
            }

            await Task.Delay(Period, _time, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Sees to it that each node is watched by one.
    private void WatchEach()
    {
        lock (_gate)
        {
            foreach (var transport in _tunnels.Select(tunnel => tunnel.CommandStream?.Transport).OfType<NodeTransport>())
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
            while (TunnelsTo(watched).Any())
            {
                // A node that does not let us see its role is believed by its replies.
                if (role.IsError ? isSuspected && !NodeRefusal.IsTemporary(role.Text!) : role[0] != "master")
                {
                    foreach (var tunnel in TunnelsTo(watched))
                        tunnel.LeaveDemoted(own);
                }
                else if (!role.IsError)
                {
                    Tell(watched.Node, replicas.Observe(role));
                }

                // StackExchange.Redis took the node for a replica: also when it is a master again, only a new connection finds out.
                if (TunnelsTo(watched).Any(tunnel => tunnel.IsOnReplica)
                    && (role[0] == "master" || await search.FindsAsync(watched.Node, _disposed.Token).ConfigureAwait(false)))
                {
                    foreach (var tunnel in TunnelsTo(watched))
                        tunnel.LeaveReplica();
                }

                isSuspected = await WaitAsync().ConfigureAwait(false);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token);
                patience.CancelAfter(Period);
                role = await own.Resp.ExecuteAsync(["ROLE"], patience.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // A node that does not answer is the affair of those who locate the master. It is watched anew within a second.
            if (exception is not (IOException or ConvoyRedisConnectionException or OperationCanceledException))
                Log.PartFailed(_logger, $"Watching the role of {watched.Node}", exception);
        }
    }

    private void Tell(ConvoyRedisEndpoint master, IEnumerable<(string Address, bool IsBehind)> replicas)
    {
        foreach (var (address, isBehind) in replicas)
        {
            if (isBehind)
                Log.ReplicaBehind(_logger, _dialer.Shown(address), master, ReplicaLag.Bound.TotalSeconds, Cures.ReplicaDown);
            else
                Log.ReplicaInStep(_logger, _dialer.Shown(address), master);
        }
    }

    // Until the next question is due; whether that is for a suspicion.
    private async Task<bool> WaitAsync()
    {
        var suspicion = Volatile.Read(ref _suspicion);
        try
        {
            await suspicion.Task.WaitAsync(Period, _time, _disposed.Token).ConfigureAwait(false);
            Interlocked.CompareExchange(ref _suspicion, NewSignal(), suspicion);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
