using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Client.Tunnel;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Connection;

/// <summary>Runs the links to all sentinels, passes observations to the <see cref="MasterTracker"/>, and carries out its decisions on every route.</summary>
internal sealed class FailoverCoordinator : IAsyncDisposable
{
    /// <summary>How often the tracker checks the time while streams are held; the last time just after the deadline.</summary>
    private const int HoldTicks = 4;

    private readonly Lock _gate = new();
    private readonly MasterTracker _tracker;
    private readonly FailoverTimeline _timeline;
    private readonly FailoverReporter _reporter;
    private readonly List<RouteFollower> _followers = [];
    private readonly FailoverProbes _probes;
    private readonly SentinelLinks _links;
    private readonly TaskCompletionSource _located = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _clock;
    private readonly ITimer _holdTimer;
    private readonly TimeSpan _holdTick;
    private readonly ConnectionContext _context;

    /// <param name="target">The sentinels and the master's name.</param>
    /// <param name="nodes">Dials a candidate, to ask for its role.</param>
    /// <param name="sentinels">Dials the sentinels.</param>
    /// <param name="context">The clock, the log and the metrics.</param>
    public FailoverCoordinator(ConvoyRedisTarget target, NodeDialer nodes, NodeDialer sentinels, ConnectionContext context)
    {
        (_context, var time) = (context, context.Time);
        _tracker = new MasterTracker(target.FailoverMode, target.HoldDeadline, time);
        _timeline = new FailoverTimeline(time);
        _reporter = new FailoverReporter(context);
        _probes = new FailoverProbes(nodes, Observe, context);
        _holdTick = (target.HoldDeadline / HoldTicks) + TimeSpan.FromMilliseconds(1);
        _holdTimer = time.CreateTimer(_ => OnTimer(OnHoldTick), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _clock = time.CreateTimer(_ => OnTimer(OnClock), null, SentinelLink.PollPeriod, SentinelLink.PollPeriod);

        // Created last, and under the lock, because the links report observations at once.
        lock (_gate)
            _links = new SentinelLinks(target, sentinels, Observe, OnLinkChanged, context);
    }

    /// <summary>Raised with each decision, before it is carried out; not to take long.</summary>
    public event Action<MasterDecision>? Decided;

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

    /// <summary>How many sentinels are connected and name the master.</summary>
    public int ConnectedSentinels => _links.Connected;

    /// <summary>What is wrong with what the sentinels name.</summary>
    public SentinelFindings Findings
    {
        get
        {
            lock (_gate)
                return _tracker.Findings;
        }
    }

    /// <summary>The state of each sentinel.</summary>
    public IReadOnlyList<SentinelState> Sentinels => _links.States;

    /// <summary>Keeps a route connected to the master from now on.</summary>
    /// <param name="route">The route.</param>
    /// <param name="followed">Called after the route has moved, with the new master and the reason.</param>
    public void Attach(LogicalRoute route, Action<MasterChangedEventArgs> followed)
    {
        lock (_gate)
        {
            var follower = new RouteFollower(route, followed);
            _followers.Add(follower);
            route.Demoted += OnDemoted;

            // A route that is added while streams are held, or while there is no master, waits like the others.
            var view = _tracker.View;
            if (view.Phase is ConvoyRedisPhase.Following or ConvoyRedisPhase.FailingOver)
                route.RouteTo(view.Master);
            if (view.Master is { } master)
                follower.Report(Change(null, master, MasterChangeCause.Located), RouteFollower.NothingKnown);
        }
    }

    /// <summary>Releases a route.</summary>
    public void Detach(LogicalRoute route)
    {
        lock (_gate)
        {
            route.Demoted -= OnDemoted;
            _followers.RemoveAll(follower => follower.Route == route);
        }
    }

    /// <summary>
    /// Waits for the first master. It fails as soon as waiting is pointless: when most sentinels refuse us or do not know the master,
    /// or when every one of them has failed.
    /// </summary>
    /// <exception cref="ConvoyRedisConnectionException">No sentinel names a master; the message says what each of them answered.</exception>
    public Task WaitForMasterAsync(CancellationToken cancellationToken) => _located.Task.WaitAsync(cancellationToken);

    /// <summary>Completes when the moves of a route until now have been reported.</summary>
    public Task ReportedAsync(LogicalRoute route)
    {
        lock (_gate)
            return _followers.Find(follower => follower.Route == route)?.Reported ?? Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => Disposal.EndAsync(
        _context.Logger,
        ("the clock", _clock.DisposeAsync),
        ("the hold timer", _holdTimer.DisposeAsync),
        ("the links to the sentinels", _links.DisposeAsync),
        ("the probe of a candidate", _probes.DisposeAsync),
        ("the wait for a master", Disposal.Of(() => _located.TrySetCanceled())));

    /// <summary>A master answered to ROLE.</summary>
    public void NoteMaster(ConvoyRedisEndpoint master, RespReply role) => Observe(new MasterAnswered(master, RoleReply.ReplicasIn(role)));

    /// <summary>A master's replica may be further behind than it copies in an instant.</summary>
    public void NoteLag(ConvoyRedisEndpoint master, long bytes) => Observe(new ReplicasLagged(master, bytes));

    /// <summary>Passes an observation to the tracker, and carries out its decisions.</summary>
    public void Observe(FailoverObservation observation)
    {
        var reports = new List<Func<Task>>();
        TimeSpan? phaseLasted;
        MasterView before, now;
        lock (_gate)
        {
            before = _tracker.View;
            _timeline.Note(observation, before);

            // Carried out under the lock: decisions made in one order must not take effect in another.
            foreach (var decision in _tracker.Observe(observation))
            {
                if (Execute(decision, before) is { } report)
                    reports.Add(report);
            }

            now = _tracker.View;
            phaseLasted = _reporter.NotePhase(before.Phase, now.Phase);
            if (now.Master is not null)
                _located.TrySetResult();
        }

        // This calls listeners to logs and metrics: not under the lock.
        foreach (var report in reports)
            _ = report();
        if (phaseLasted is { } duration)
            _reporter.PhaseEnded(before, now, duration);
    }

    private void OnDemoted(ConvoyRedisEndpoint node, ConvoyRedisEndpoint? successor) => Observe(new MasterDemoted(node, successor));

    // Returns what reports the move, if the decision is a move to another master.
    private Func<Task>? Execute(MasterDecision decision, MasterView before)
    {
        Log.MasterDecided(_context.Logger, decision);
        Decided?.Invoke(decision);
        _timeline.Note(decision);
        switch (decision)
        {
            case HoldMaster:
                _holdTimer.Change(_holdTick, _holdTick);
                break;
            case AskSentinel ask:
                _links.Ask(ask.Sentinel);
                break;
        }

        _probes.Execute(decision, _followers.FirstOrDefault()?.Route);
        var moving = _followers.Select(follower => (Follower: follower, Moving: follower.Execute(decision))).ToList();
        var change = decision switch
        {
            Follow follow => Change(before.Master, follow.Master, follow.Cause),
            HandOver handOver => Change(before.Master, handOver.Master, handOver.Cause),
            _ => null,
        };
        if (change is null)
            return null;
        foreach (var (follower, moved) in moving)
            follower.Report(change, moved);
        var elapsed = _timeline.Elapsed;
        return () => _reporter.MovedAsync(change, [.. moving.Select(follower => follower.Moving)], elapsed);
    }

    private Func<long?, MasterChangedEventArgs> Change(ConvoyRedisEndpoint? previous, ConvoyRedisEndpoint master, MasterChangeCause cause)
    {
        var (epoch, isTentative, timeline) = (_tracker.View.Epoch, _tracker.View.IsTentative, _timeline.Steps);
        return possiblyLost => new MasterChangedEventArgs(previous, master, cause, epoch, isTentative, possiblyLost, timeline);
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
            Log.PartFailed(_context.Logger, "A failover timer", exception);
        }
    }

    private void OnClock()
    {
        Observe(new TimePassed());
        _reporter.Note(Findings);
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

    private void OnLinkChanged()
    {
        if (_located.Task.IsCompleted)
            return;
        ConvoyRedisConnectionException? fault;
        lock (_gate)
            fault = _links.NoMasterFault;
        if (fault is not null)
            _located.TrySetException(fault);
    }
}
