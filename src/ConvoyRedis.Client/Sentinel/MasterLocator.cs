using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Resilience;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>Runs the links to all sentinels, feeds the <see cref="MasterTracker"/> with what they say, and carries out what it decides, on every tunnel.</summary>
internal sealed class MasterLocator : IAsyncDisposable
{
    /// <summary>How often the tracker is told of the time while streams are held; the last time just behind the deadline.</summary>
    private const int HoldTicks = 4;

    private static readonly Task<long?> NothingKnown = Task.FromResult<long?>(null);

    private readonly Lock _gate = new();
    private readonly MasterTracker _tracker;
    private readonly FailoverTimeline _timeline;
    private readonly List<Follower> _followers = [];
    private readonly CandidateProber _prober;
    private readonly SentinelLinks _links;
    private readonly TaskCompletionSource _located = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _clock;
    private readonly ITimer _holdTimer;
    private readonly TimeSpan _holdTick;
    private readonly ILogger _logger;
    private readonly Telemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly HashSet<ConvoyRedisEndpoint> _dissenters = [];
    private long _phaseBegan;

    /// <param name="target">The sentinels and the master's name.</param>
    /// <param name="sentinels">Dials sentinels.</param>
    /// <param name="nodes">Dials data nodes, to ask a candidate for its role.</param>
    /// <param name="surroundings">The clock, and who is told of what happens.</param>
    public MasterLocator(ConvoyRedisTarget target, NodeDialer sentinels, NodeDialer nodes, Surroundings surroundings)
    {
        (_time, _logger, _telemetry) = (surroundings.Time, surroundings.Logger, surroundings.Telemetry);
        _tracker = new MasterTracker(target.FailoverMode, target.HoldDeadline, _time);
        _timeline = new FailoverTimeline(_time);
        _prober = new CandidateProber(nodes, Observe, _logger);
        _phaseBegan = _time.GetTimestamp();
        _holdTick = (target.HoldDeadline / HoldTicks) + TimeSpan.FromMilliseconds(1);
        _holdTimer = _time.CreateTimer(_ => OnTimer(OnHoldTick), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _clock = _time.CreateTimer(_ => OnTimer(OnClock), null, SentinelLink.PollPeriod, SentinelLink.PollPeriod);

        // Last, and not seen by anybody before it is assigned: they begin to talk at once.
        lock (_gate)
            _links = new SentinelLinks(target, sentinels, Observe, OnLinkChanged, _logger);
    }

    /// <summary>What is believed now.</summary>
    public MasterView View
    {
        get
        {
            lock (_gate)
                return _tracker.View;
        }
    }

    /// <summary>Whether it is known that no master can be located.</summary>
    public bool HasFailed => _located.Task.IsFaulted;

    /// <summary>The sentinels that are linked and name the master.</summary>
    public int ConnectedSentinels => _links.Connected;

    /// <summary>The sentinels that name another master, for longer than a failover explains.</summary>
    public IReadOnlyList<SentinelDissent> Dissent
    {
        get
        {
            lock (_gate)
                return _tracker.Dissent;
        }
    }

    /// <summary>How it stands with each sentinel.</summary>
    public IReadOnlyList<SentinelState> Sentinels => _links.States;

    /// <summary>Leads a tunnel to the master from now on.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="followed">Told, after the tunnel has moved, to which master and why.</param>
    public void Attach(MasterTunnel tunnel, Action<MasterChangedEventArgs> followed)
    {
        lock (_gate)
        {
            var follower = new Follower(tunnel, followed);
            _followers.Add(follower);
            tunnel.Demoted += OnDemoted;

            // Who comes while streams are held, or the master is given up, waits as the others do.
            var view = _tracker.View;
            if (view.Phase is ConvoyRedisPhase.Following or ConvoyRedisPhase.FailingOver)
                tunnel.Lead(view.Master);
            if (view.Master is { } master)
                follower.Report(Change(null, master, MasterChangeCause.Located), NothingKnown);
        }
    }

    /// <summary>Leads a tunnel no more.</summary>
    public void Detach(MasterTunnel tunnel)
    {
        lock (_gate)
        {
            tunnel.Demoted -= OnDemoted;
            _followers.RemoveAll(follower => follower.Tunnel == tunnel);
        }
    }

    /// <summary>
    /// Waits for the first master. It fails as soon as waiting is pointless: when most sentinels refuse us or do not know the master,
    /// or when every one of them has failed.
    /// </summary>
    /// <exception cref="ConvoyRedisConnectionException">No sentinel names a master; the message tells what each of them said.</exception>
    public Task WaitForMasterAsync(CancellationToken cancellationToken) => _located.Task.WaitAsync(cancellationToken);

    /// <summary>Completes when the moves of a tunnel until now have been told.</summary>
    public Task ToldAsync(MasterTunnel tunnel)
    {
        lock (_gate)
            return _followers.Find(follower => follower.Tunnel == tunnel)?.Told ?? Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => Disposal.EndAsync(
        _logger,
        ("the clock", _clock.DisposeAsync),
        ("the hold timer", _holdTimer.DisposeAsync),
        ("the links to the sentinels", _links.DisposeAsync),
        ("the probe of a candidate", _prober.DisposeAsync),
        ("the wait for a master", Disposal.Of(() => _located.TrySetCanceled())));

    private void OnDemoted(ConvoyRedisEndpoint node) => Observe(new MasterDemoted(node));

    private void Observe(SentinelObservation observation)
    {
        var moves = new List<Move>();
        TimeSpan? phaseLasted;
        MasterView before, now;
        lock (_gate)
        {
            before = _tracker.View;
            _timeline.Note(observation, before);

            // Carried out under the lock: decisions made in one order must not take effect in another.
            foreach (var decision in _tracker.Observe(observation))
            {
                Log.MasterDecided(_logger, decision);
                _timeline.Note(decision);
                Carry(decision);
                var moving = _followers.Select(follower => (Follower: follower, Moving: Carry(decision, follower.Tunnel))).ToList();
                var change = decision switch
                {
                    Follow follow => Change(before.Master, follow.Master, follow.Cause),
                    HandOver handOver => Change(before.Master, handOver.Master, handOver.Cause),
                    _ => null,
                };
                if (change is null)
                    continue;
                foreach (var (follower, moved) in moving)
                    follower.Report(change, moved);
                moves.Add(new Move(change, [.. moving.Select(follower => follower.Moving)]));
            }

            now = _tracker.View;
            phaseLasted = PhaseLasted(before.Phase);
            if (now.Master is not null)
                _located.TrySetResult();
        }

        foreach (var move in moves)
            _ = ReportAsync(move);

        // Whoever listens to logs and metrics is called from here: not under the lock.
        if (phaseLasted is { } duration)
        {
            Tell(before, now);
            _telemetry.PhaseEnded(before.Phase, duration);
        }
    }

    // How long the phase before lasted; null while it lasts.
    private TimeSpan? PhaseLasted(ConvoyRedisPhase before)
    {
        if (_tracker.View.Phase == before)
            return null;
        var (now, began) = (_time.GetTimestamp(), _phaseBegan);
        _phaseBegan = now;
        return _time.GetElapsedTime(began, now);
    }

    // That the connection leads to another master is told by each connection.
    private void Tell(MasterView before, MasterView now)
    {
        if (now.Phase == ConvoyRedisPhase.FailingOver)
            Log.FailoverBegan(_logger, now.Master);
        else if (now.Phase == ConvoyRedisPhase.Holding)
            Log.Holding(_logger, now.Master);
        else if (now.Phase == ConvoyRedisPhase.WaitingForMaster)
            Log.MasterGivenUp(_logger, now.Master, Cures.Quorum);
        else if (now.Phase == ConvoyRedisPhase.Following && now.Master == before.Master)
            Log.FailoverOff(_logger, now.Master);
    }

    // An exception in a timer's callback would end the process.
    private void OnTimer(Action tick)
    {
        try
        {
            tick();
        }
        catch (Exception exception)
        {
            Log.PartFailed(_logger, "A sentinel timer", exception);
        }
    }

    private void OnClock()
    {
        Observe(new TimePassed());
        List<SentinelDissent> begun;
        List<ConvoyRedisEndpoint> ended;
        ConvoyRedisEndpoint? master;
        lock (_gate)
        {
            master = _tracker.View.Master;
            var dissent = _tracker.Dissent;
            begun = [.. dissent.Where(dissenter => _dissenters.Add(dissenter.Sentinel))];
            ended = [.. _dissenters.Except(dissent.Select(dissenter => dissenter.Sentinel))];
            _dissenters.ExceptWith(ended);
        }

        foreach (var (sentinel, other, epoch) in begun)
            Log.SentinelDisagrees(_logger, sentinel, other, epoch, master, Cures.SentinelsDisagree);
        foreach (var sentinel in ended)
            Log.SentinelAgrees(_logger, sentinel);
    }

    private void OnHoldTick()
    {
        Observe(new TimePassed());
        lock (_gate)
        {
            if (_tracker.View.Phase != ConvoyRedisPhase.Holding)
                _holdTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private Func<long?, MasterChangedEventArgs> Change(ConvoyRedisEndpoint? previous, ConvoyRedisEndpoint master, MasterChangeCause cause)
    {
        var (epoch, isTentative, timeline) = (_tracker.View.Epoch, _tracker.View.IsTentative, _timeline.Steps);
        return possiblyLost => new MasterChangedEventArgs(previous, master, cause, epoch, isTentative, possiblyLost, timeline);
    }

    // Once for the deployment, however many connections there are to it.
    private async Task ReportAsync(Move move)
    {
        TimeSpan elapsed;
        lock (_gate)
            elapsed = _timeline.Elapsed;
        var began = _time.GetTimestamp();
        var losses = await Task.WhenAll(move.Moving).ConfigureAwait(false);
        var change = move.Change(losses.Contains(null) ? null : losses.Max());
        if (change.Previous is not null && change.Previous != change.Current)
            _telemetry.FailedOver(change, elapsed + _time.GetElapsedTime(began));
    }

    private void Carry(MasterDecision decision)
    {
        switch (decision)
        {
            case HoldMaster:
                _holdTimer.Change(_holdTick, _holdTick);
                break;
            case ProbeCandidate probe:
                _prober.Start(probe.Candidate);
                break;
            case StopProbing:
                _prober.Stop();
                break;
            case AskSentinel ask:
                _links.Ask(ask.Sentinel);
                break;
        }
    }

    // Returns what completes when the tunnel has moved, with the bytes that may be lost by that, or null where that is not known.
    private static Task<long?> Carry(MasterDecision decision, MasterTunnel tunnel)
    {
        switch (decision)
        {
            case Follow follow:
                tunnel.Lead(follow.Master);
                break;
            case GiveUpMaster:
                tunnel.Lead(null);
                break;
            case HoldMaster:
                tunnel.Hold();
                break;
            case HandOver handOver:
                return tunnel.HandOverAsync(handOver.Master);
            case ReleaseMaster release:
                tunnel.Release(release.Master);
                break;
        }

        return NothingKnown;
    }

    private void OnLinkChanged()
    {
        if (_located.Task.IsCompleted)
            return;
        IReadOnlyList<ConvoyRedisConnectionException?> all;
        lock (_gate)
            all = _links.Faults;
        var faults = all.OfType<ConvoyRedisConnectionException>().ToList();
        if (faults.Count < all.Count && faults.Count(fault => fault.IsFinal) * 2 <= all.Count)
            return;

        var worst = faults.FirstOrDefault(fault => fault.IsFinal);
        var advice = worst is null ? $" {Cures.SentinelStart}" : "";
        _located.TrySetException(new ConvoyRedisConnectionException(worst?.Fault ?? ConvoyRedisFault.NoMaster,
            $"No sentinel names the master. {string.Join(' ', faults.Select(fault => fault.Message).Distinct())}{advice}"));
    }

    /// <summary>A decision that leads to another master, and what completes when each connection has moved.</summary>
    private sealed record Move(Func<long?, MasterChangedEventArgs> Change, IReadOnlyList<Task<long?>> Moving);

    /// <summary>A tunnel that is led to the master, and who is told of it in the order of the moves.</summary>
    private sealed record Follower(MasterTunnel Tunnel, Action<MasterChangedEventArgs> Followed)
    {
        private readonly OrderedWork _reports = new();

        public Task Told => _reports.Done;

        /// <summary>Tells of a move when it has been made, and all before it have been told. To be called under the lock.</summary>
        public void Report(Func<long?, MasterChangedEventArgs> change, Task<long?> moving) => _reports.Post(async () =>
        {
            await ((Task)moving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Followed(change(moving.IsCompletedSuccessfully ? moving.Result : null));
        });
    }
}
