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
    private readonly Func<ConvoyRedisEndpoint?> _master;
    private readonly NodeDialer _dialer;
    private readonly TimeSpan _longestLag;
    private readonly bool _isListed;
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
        (_dialer, _master, _context, _longestLag) = (dialer, master, context, target.ReplicaMaxLag);
        _isListed = target.Topology == ConvoyRedisTopology.Sentinel || target.ReplicaAddresses.Count > 0;
        _choice = new ReplicaChoice(target.ReplicaAddresses, _longestLag, context.Time);
        _offsets = new MasterOffsets(_longestLag + target.CommandTimeout, context.Time);
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
        // A former master may answer late. What a single server lists may be out of reach.
        if (!_isListed || master != _master())
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
                if (!isKnown && _isListed && _master() is { } master)
                    _work.Start($"question to {master}", () => AskAsync(master));
                await Task.WhenAll(Routes.Select(LeadAsync)).ConfigureAwait(false);
                if (isKnown && Routes.Count > 0)
                    _isLed.TrySetResult();
                foreach (var replica in Routes.Select(route => route.Node).OfType<ConvoyRedisEndpoint>().Distinct().Where(_choice.IsInStep))
                    _work.Start($"watch of {replica}", () => WatchAsync(replica));
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

        // Without another node, a candidate serves until its promotion.
        var next = _choice.Choose(master) ?? master;
        var isSilent = now is { } left && _choice.IsSilent(left);
        if (next == now || (next is null && !isSilent))
            return;
        if (next is not { } other || isSilent)
        {
            route.Leave(next);
            return;
        }

        try
        {
            using var patience = new Deadline(Period, _context.Time, _disposed.Token);
            await route.MoveAsync(other, patience.Token).ConfigureAwait(false);
            if (other == master)
                Log.NoReplicaInStep(_context.Logger, other);
            else
                Log.ReplicaChosen(_context.Logger, other);
        }
        catch (Exception exception) when (exception is ConvoyRedisConnectionException or OperationCanceledException)
        {
            _disposed.Token.ThrowIfCancellationRequested();
            NoteUnreachable(other);
        }
    }

    private async Task AskAsync(ConvoyRedisEndpoint master)
    {
        using var own = await _dialer.DialAsync(master, _disposed.Token).ConfigureAwait(false);
        NoteReplicas(master, own.Role);
        _changed.Set();
    }

    private async Task WatchAsync(ConvoyRedisEndpoint replica)
    {
        try
        {
            using var own = await _dialer.DialAsync(replica, _disposed.Token).ConfigureAwait(false);
            var (role, copiedAt) = (own.Role, _context.Time.GetTimestamp());
            while (Routes.Any(route => route.Node == replica))
            {
                if (role[3] == "connected")
                    copiedAt = _context.Time.GetTimestamp();
                if (role[0] == "master" || BehindOf(role, _context.Time.GetElapsedTime(copiedAt)) > _longestLag)
                {
                    NoteUnfit(replica, answers: true);
                    return;
                }

                await Task.Delay(Period * (0.5 + Random.Shared.NextDouble()), _context.Time, _disposed.Token).ConfigureAwait(false);
                using var patience = new Deadline(Period, _context.Time, _disposed.Token);
                role = await own.Resp.ExecuteAsync(["ROLE"], patience.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or ConvoyRedisConnectionException or OperationCanceledException)
        {
            _disposed.Token.ThrowIfCancellationRequested();
            NoteUnreachable(replica);
        }
    }

    // Where the master does not tell its offset, the replica's link to it must do; a replica that does not show its role is believed.
    private TimeSpan BehindOf(RespReply role, TimeSpan sinceConnected) =>
        role.IsError ? TimeSpan.Zero
        : long.TryParse(role[4], NumberStyles.None, CultureInfo.InvariantCulture, out var offset) && _offsets.Behind(offset) is { } behind ? behind
        : sinceConnected;

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
