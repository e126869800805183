using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Reports the failovers of a deployment to logs, metrics and traces, once for all connections that share its monitor. Listeners are called from
/// here, so nothing but <see cref="NotePhase"/> may be called under a lock.
/// </summary>
/// <param name="context">The clock, the log and the metrics.</param>
internal sealed class FailoverReporter(ConnectionContext context)
{
    private readonly Lock _gate = new();
    private readonly HashSet<ConvoyRedisEndpoint> _dissenters = [];
    private HashSet<ConvoyRedisEndpoint> _refuted = [];
    private long _phaseBegan = context.Time.GetTimestamp();

    /// <summary>Notes the phase after an observation. Not to be called concurrently.</summary>
    /// <returns>How long the phase before it lasted; null while it lasts.</returns>
    public TimeSpan? NotePhase(ConvoyRedisPhase before, ConvoyRedisPhase now)
    {
        if (now == before)
            return null;
        var (timestamp, began) = (context.Time.GetTimestamp(), _phaseBegan);
        _phaseBegan = timestamp;
        return context.Time.GetElapsedTime(began, timestamp);
    }

    /// <summary>A phase has ended. Each connection logs its own move to another master.</summary>
    public void PhaseEnded(MasterView before, MasterView now, TimeSpan duration)
    {
        if (now.Phase == ConvoyRedisPhase.FailingOver)
            Log.FailoverStarted(context.Logger, now.Master);
        else if (now.Phase == ConvoyRedisPhase.Holding)
            Log.Holding(context.Logger, now.Master);
        else if (now.Phase == ConvoyRedisPhase.WaitingForMaster)
            Log.MasterGivenUp(context.Logger, now.Master, Remedies.Quorum);
        else if (now.Phase == ConvoyRedisPhase.Following && now.Master == before.Master)
            Log.FailoverAborted(context.Logger, now.Master);
        context.Telemetry.PhaseEnded(before.Phase, duration);
    }

    /// <summary>The master moves: reports it once every route has moved.</summary>
    /// <param name="change">The move, given what may be lost by it.</param>
    /// <param name="moving">Completes, for each route, when it has moved.</param>
    /// <param name="elapsed">The time since the first step that led to the move.</param>
    public async Task MovedAsync(Func<long?, MasterChangedEventArgs> change, IReadOnlyList<Task<long?>> moving, TimeSpan elapsed)
    {
        var began = context.Time.GetTimestamp();
        var losses = await Task.WhenAll(moving).ConfigureAwait(false);
        var moved = change(losses.Contains(null) ? null : losses.Max());
        if (moved.Previous is not null && moved.Previous != moved.Current)
            context.Telemetry.FailedOver(moved, elapsed + context.Time.GetElapsedTime(began));
    }

    /// <summary>Logs what has begun to be wrong with what the sentinels name, and what no longer is.</summary>
    public void Note(SentinelFindings findings)
    {
        List<SentinelDissent> begun;
        List<ConvoyRedisEndpoint> ended;
        List<NamedMaster> refuted;
        lock (_gate)
        {
            begun = [.. findings.Dissent.Where(dissenter => _dissenters.Add(dissenter.Sentinel))];
            ended = [.. _dissenters.Except(findings.Dissent.Select(dissenter => dissenter.Sentinel))];
            _dissenters.ExceptWith(ended);
            refuted = [.. findings.Refuted.Where(named => !_refuted.Contains(named.Node))];
            _refuted = [.. findings.Refuted.Select(named => named.Node)];
        }

        foreach (var named in refuted)
            Log.NamedNodeIsReplica(context.Logger, named.Node, named.Epoch, findings.Master, Remedies.SentinelsForgot);
        foreach (var (sentinel, other, epoch) in begun)
            Log.SentinelDisagrees(context.Logger, sentinel, other, epoch, findings.Master, Remedies.SentinelsDisagree);
        foreach (var sentinel in ended)
            Log.SentinelAgrees(context.Logger, sentinel);
    }
}
