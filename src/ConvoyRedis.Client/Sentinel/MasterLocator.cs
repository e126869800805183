using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>Runs the links to all sentinels, feeds the <see cref="MasterTracker"/> with what they say, and carries out what it decides.</summary>
internal sealed class MasterLocator : IAsyncDisposable
{
    /// <summary>How often the tracker is told of the time while streams are held; the last time just behind the deadline.</summary>
    private const int HoldTicks = 4;

    private static readonly Task<long?> NothingKnown = Task.FromResult<long?>(null);

    private readonly Lock _gate = new();
    private readonly MasterTracker _tracker;
    private readonly FailoverTimeline _timeline;
    private readonly MasterTunnel _tunnel;
    private readonly CandidateProber _prober;
    private readonly SentinelLinks _links;
    private readonly TaskCompletionSource _located = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _clock;
    private readonly ITimer _holdTimer;
    private readonly TimeSpan _holdTick;
    private readonly Action<MasterChangedEventArgs> _masterFollowed;
    private readonly ILogger _logger;

    /// <param name="target">The sentinels and the master's name.</param>
    /// <param name="sentinels">Dials sentinels.</param>
    /// <param name="nodes">Dials data nodes, to ask a candidate for its role.</param>
    /// <param name="tunnel">Led to the master.</param>
    /// <param name="masterFollowed">Told, after the connection has moved, to which master and why.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of what happens.</param>
    public MasterLocator(
        ConvoyRedisTarget target,
        NodeDialer sentinels,
        NodeDialer nodes,
        MasterTunnel tunnel,
        Action<MasterChangedEventArgs> masterFollowed,
        TimeProvider time,
        ILogger logger)
    {
        _tracker = new MasterTracker(target.FailoverMode, target.HoldDeadline, time);
        _timeline = new FailoverTimeline(time);
        _prober = new CandidateProber(nodes, Observe);
        _tunnel = tunnel;
        _tunnel.Demoted += OnDemoted;
        _masterFollowed = masterFollowed;
        _logger = logger;
        _holdTick = (target.HoldDeadline / HoldTicks) + TimeSpan.FromMilliseconds(1);
        _holdTimer = time.CreateTimer(_ => OnHoldTick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _clock = time.CreateTimer(_ => Observe(new TimePassed()), null, SentinelLink.PollPeriod, SentinelLink.PollPeriod);

        // Last, and not seen by anybody before it is assigned: they begin to talk at once.
        lock (_gate)
            _links = new SentinelLinks(target, sentinels, Observe, OnLinkChanged, logger);
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

    /// <summary>
    /// Waits for the first master. It fails as soon as waiting is pointless: when most sentinels refuse us or do not know the master,
    /// or when every one of them has failed.
    /// </summary>
    /// <exception cref="ConvoyRedisConnectionException">No sentinel names a master; the message tells what each of them said.</exception>
    public Task WaitForMasterAsync(CancellationToken cancellationToken) => _located.Task.WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _tunnel.Demoted -= OnDemoted;
        await _clock.DisposeAsync().ConfigureAwait(false);
        await _holdTimer.DisposeAsync().ConfigureAwait(false);
        await _links.DisposeAsync().ConfigureAwait(false);
        await _prober.DisposeAsync().ConfigureAwait(false);
        _located.TrySetCanceled();
    }

    private void OnDemoted(ConvoyRedisEndpoint node) => Observe(new MasterDemoted(node));

    private void Observe(SentinelObservation observation)
    {
        var moves = new List<(Func<long?, MasterChangedEventArgs> Change, Task<long?> Moving)>();
        lock (_gate)
        {
            var before = _tracker.View;
            _timeline.Note(observation, before);

            // Carried out under the lock: decisions made in one order must not take effect in another.
            foreach (var decision in _tracker.Observe(observation))
            {
                Log.MasterDecided(_logger, decision);
                _timeline.Note(decision);
                var moving = Carry(decision);
                if (decision is Follow follow)
                    moves.Add((Change(before.Master, follow.Master, follow.Cause), moving));
                else if (decision is HandOver handOver)
                    moves.Add((Change(before.Master, handOver.Master, handOver.Cause), moving));
            }
        }

        foreach (var (change, moving) in moves)
            _ = ReportAsync(change, moving);
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

    private async Task ReportAsync(Func<long?, MasterChangedEventArgs> change, Task<long?> moving)
    {
        _located.TrySetResult();
        _masterFollowed(change(await moving.ConfigureAwait(false)));
    }

    // Returns what completes when the connection has moved, with the bytes that may be lost by that, or null where that is not known.
    private Task<long?> Carry(MasterDecision decision)
    {
        switch (decision)
        {
            case Follow follow:
                _tunnel.Lead(follow.Master);
                break;
            case GiveUpMaster:
                _tunnel.Lead(null);
                break;
            case HoldMaster:
                _tunnel.Hold();
                _holdTimer.Change(_holdTick, _holdTick);
                break;
            case HandOver handOver:
                return _tunnel.HandOverAsync(handOver.Master);
            case ReleaseMaster release:
                _tunnel.Release(release.Master);
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
        _located.TrySetException(new ConvoyRedisConnectionException(worst?.Fault ?? ConvoyRedisFault.NoMaster,
            $"No sentinel names the master. {string.Join(' ', faults.Select(fault => fault.Message).Distinct())}"));
    }
}
