using System.Globalization;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Leads the routes for replicas: to a replica that is in step, at random and for as long as it stays so; to the master while there is none. A replica is left
/// when it is a candidate of a failover, falls behind, does not answer, or says that it is a master.
/// </summary>
internal sealed class ReplicaMonitor : IAsyncDisposable
{
    /// <summary>The mean time between two questions to a replica.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long a replica is left alone that was not reached, or did not answer.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly List<ReplicaRoute> _routes = [];
    private readonly TaskCompletionSource _isLed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReplicaChoice _choice;
    private readonly MasterOffsets _offsets;
    private readonly ReplicaFitness _fitness;
    private readonly Func<ConvoyRedisEndpoint?> _master;
    private readonly NodeDialer _dialer;
    private readonly ConnectionContext _context;
    private readonly NamedWork _work;
    private readonly Signal _changed;
    private readonly Task _leading;

    /// <param name="target">How far a replica may be behind; and the replicas, where nobody announces them.</param>
    /// <param name="dialer">Dials nodes.</param>
    /// <param name="master">The master at present; null if there is none.</param>
    /// <param name="context">The clock and the log.</param>
    public ReplicaMonitor(ConvoyRedisTarget target, NodeDialer dialer, Func<ConvoyRedisEndpoint?> master, ConnectionContext context)
    {
        (_dialer, _master, _context) = (dialer, master, context);
        _choice = new ReplicaChoice(target.Topology == ConvoyRedisTopology.Sentinel ? null : target.ReplicaAddresses, target.ReplicaMaxLag, context.Time);
        _offsets = new MasterOffsets(target.ReplicaMaxLag + target.CommandTimeout, context.Time);
        _fitness = new ReplicaFitness(_offsets, target.ReplicaMaxLag, context.Time);
        (_work, _changed) = (new NamedWork("The replica monitor", context.Logger), new Signal(context.Time));
        _leading = Background.Run(LeadAsync);
    }

    /// <summary>Completes when a route has been led for the first time, by what the master said.</summary>
    public Task IsLed => _isLed.Task;

    private IReadOnlyList<ReplicaRoute> Routes
    {
        get
        {
            lock (_gate)
                return [.. _routes];
        }
    }

    /// <summary>Leads a route from now on.</summary>
    public void Attach(ReplicaRoute route)
    {
        lock (_gate)
            _routes.Add(route);
        route.Unreachable += NoteUnreachable;
        _changed.Set();
    }

    /// <summary>Leaves a route alone.</summary>
    public void Detach(ReplicaRoute route)
    {
        route.Unreachable -= NoteUnreachable;
        lock (_gate)
            _routes.Remove(route);
    }

    /// <summary>A master answered to ROLE.</summary>
    public void NoteReplicas(ConvoyRedisEndpoint master, RespReply role)
    {
        // A former master may answer late.
        if (master != _master())
            return;
        if (long.TryParse(role[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            _offsets.Note(offset);
        if (_choice.NoteReplicas(master, role))
            _changed.Set();
    }

    /// <summary>
    /// A failover begins while the master is alive: until it is over, reads go to the master, since the promotion closes every connection to the candidate, which
    /// is not known yet.
    /// </summary>
    public void Suspend()
    {
        _choice.Suspend();
        _changed.Set();
    }

    /// <summary>This replica may be promoted soon: it is left before that, since a promotion closes every connection. Null: none is.</summary>
    public void Avoid(ConvoyRedisEndpoint? candidate)
    {
        _choice.Candidate = candidate;
        _changed.Set();
        if (candidate is { } node && !_choice.IsListed(node))
            _work.Start($"search for {node}", () => AvoidAsync(node));
    }

    /// <summary>Another node is the master: the replicas of the former one connect to it, and end their connections for that.</summary>
    public void MasterMoved()
    {
        _offsets.Clear();
        _choice.ForgetReplicas();
        _changed.Set();
    }

    public async ValueTask DisposeAsync()
    {
        await Disposal.EndAsync(
            _context.Logger,
            ("the replica monitor's cancellation", () => new(_disposed.CancelAsync())),
            ("the replica monitor", () => new(_leading)),
            ("the replica monitor's connections", () => new(_work.Done))).ConfigureAwait(false);
        _disposed.Dispose();
    }

    private async Task LeadAsync()
    {
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                var isKnown = _choice.IsKnown;
                if (!isKnown && _master() is { } master)
                    _work.Start($"question to {master}", () => AskAsync(master));
                await Task.WhenAll(Routes.Select(LeadAsync)).ConfigureAwait(false);
                if (isKnown && Routes.Count > 0)
                    _isLed.TrySetResult();
                foreach (var (node, address) in Routes.Select(route => (route.Node, route.Address)).Distinct().Where(read => read.Node is { } replica && _choice.IsInStep(replica)))
                    _work.Start($"watch of {node} at {address}", () => WatchAsync(node!.Value, address));
            }
            catch (Exception exception)
            {
                if (exception is not OperationCanceledException)
                    Log.PartFailed(_context.Logger, "The replica monitor", exception);
            }

            await ((Task)_changed.WaitAsync(Period, _disposed.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LeadAsync(ReplicaRoute route)
    {
        await MoveAsync(route).ConfigureAwait(false);
        route.IsOnReplica = route.Node is { } node && node != _master() && (_choice.IsListed(node) || _master() is null);
    }

    private async Task MoveAsync(ReplicaRoute route)
    {
        var (now, master) = (route.Node, _master());
        if (now is { } node && _choice.IsInStep(node) && node != master)
            return;

        // Without another node, a candidate serves until its promotion; but nothing is read from a replica that is unfit.
        var next = _choice.Choose(master) ?? master;
        if (now is { } left && (next is null ? _choice.IsResting(left) : _choice.IsSilent(left)))
            route.Leave();
        if (next is not { } other || next == now)
            return;
        try
        {
            using var patience = new Deadline(Period, _context.Time, _disposed.Token);
            if (other == master)
            {
                await route.MoveAsync(other, _ => Task.FromResult(true), patience.Token).ConfigureAwait(false);
                Log.NoReplicaInStep(_context.Logger, other);
            }
            else if (await route.MoveAsync(other, replica => _fitness.IsFitAsync(replica, patience.Token), patience.Token).ConfigureAwait(false))
            {
                Log.ReplicaChosen(_context.Logger, other);
            }
            else
            {
                NoteUnfit(other, answers: true);
            }
        }
        catch (Exception exception) when (exception is IOException or ConvoyRedisConnectionException or OperationCanceledException)
        {
            _disposed.Token.ThrowIfCancellationRequested();
            NoteUnreachable(other);
        }
    }

    // The sentinels may know it by its name, and its master by its address, or the other way round.
    private async Task AvoidAsync(ConvoyRedisEndpoint candidate)
    {
        var addresses = await _dialer.ResolveAsync(candidate, _disposed.Token).ConfigureAwait(false);
        foreach (var replica in _choice.Listed)
        {
            if ((await _dialer.ResolveAsync(replica, _disposed.Token).ConfigureAwait(false)).Intersect(addresses).Any())
                _choice.Rename(candidate, replica);
        }

        _changed.Set();
    }

    private async Task AskAsync(ConvoyRedisEndpoint master)
    {
        using var own = await _dialer.DialAsync(master, _disposed.Token).ConfigureAwait(false);
        NoteReplicas(master, own.Role);
        _changed.Set();
    }

    // The name of a reader endpoint resolves to several replicas: the one that the command stream is connected to is watched, and may be another one than was chosen.
    private async Task WatchAsync(ConvoyRedisEndpoint replica, ConvoyRedisEndpoint? address)
    {
        bool IsRead() => Routes.Any(route => (route.Node, route.Address) == (replica, address));
        var answers = true;
        try
        {
            using var own = await _dialer.DialAsync(replica, _disposed.Token, address).ConfigureAwait(false);
            await _fitness.WhileFitAsync(own, IsRead, _disposed.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ConvoyRedisConnectionException or OperationCanceledException)
        {
            _disposed.Token.ThrowIfCancellationRequested();
            answers = false;
        }

        if (IsRead() && replica != _master())
            NoteUnfit(replica, answers);
    }

    private void NoteUnreachable(ConvoyRedisEndpoint node)
    {
        // The master is waited for; to find another one is not our task.
        if (node != _master())
            NoteUnfit(node, answers: false);
    }

    private void NoteUnfit(ConvoyRedisEndpoint replica, bool answers)
    {
        if (_choice.NoteUnfit(replica, answers))
            Log.ReplicaNotRead(_context.Logger, replica);
        _changed.Set();
    }
}
