using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>Runs the links to all sentinels, feeds the <see cref="MasterTracker"/> with what they say, and carries out what it decides.</summary>
internal sealed class MasterLocator : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly MasterTracker _tracker;
    private readonly MasterPointer _pointer;
    private readonly CandidateProber _prober;
    private readonly List<SentinelLink> _links = [];
    private readonly TaskCompletionSource _located = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _clock;
    private readonly Action<MasterChangedEventArgs> _masterFollowed;
    private readonly ILogger _logger;

    /// <param name="target">The sentinels and the master's name.</param>
    /// <param name="sentinels">Dials sentinels.</param>
    /// <param name="nodes">Dials data nodes, to ask a candidate for its role.</param>
    /// <param name="pointer">Moved to the master.</param>
    /// <param name="masterFollowed">Told, after the pointer has moved, to which master and why.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of what happens.</param>
    public MasterLocator(
        ConvoyRedisTarget target,
        NodeDialer sentinels,
        NodeDialer nodes,
        MasterPointer pointer,
        Action<MasterChangedEventArgs> masterFollowed,
        TimeProvider time,
        ILogger logger)
    {
        _tracker = new MasterTracker(target.FailoverMode, time);
        _prober = new CandidateProber(nodes, Observe);
        _pointer = pointer;
        _masterFollowed = masterFollowed;
        _logger = logger;
        lock (_gate)
        {
            foreach (var sentinel in target.Endpoints)
                _links.Add(new SentinelLink(sentinel, target.MasterName!, sentinels, Observe, _ => OnLinkChanged(), logger));
        }

        _clock = time.CreateTimer(_ => Observe(new TimePassed()), null, SentinelLink.PollPeriod, SentinelLink.PollPeriod);
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
        await _clock.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_links.Select(link => link.DisposeAsync().AsTask())).ConfigureAwait(false);
        await _prober.DisposeAsync().ConfigureAwait(false);
        _located.TrySetCanceled();
    }

    private void Observe(SentinelObservation observation)
    {
        MasterChangedEventArgs? change = null;
        lock (_gate)
        {
            var previous = _tracker.View.Master;

            // Carried out under the lock: decisions made in one order must not take effect in another.
            foreach (var decision in _tracker.Observe(observation))
            {
                Log.MasterDecided(_logger, decision);
                Carry(decision);
                if (decision is Follow follow)
                    change = new MasterChangedEventArgs(previous, follow.Master, follow.Cause, _tracker.View.Epoch, _tracker.View.IsTentative);
            }
        }

        if (change is not null)
        {
            _located.TrySetResult();
            _masterFollowed(change);
        }
    }

    private void Carry(MasterDecision decision)
    {
        switch (decision)
        {
            case Follow follow:
                _pointer.MoveTo(follow.Master);
                break;
            case GiveUpMaster:
                _pointer.MoveTo(null);
                break;
            case ProbeCandidate probe:
                _prober.Start(probe.Candidate);
                break;
            case StopProbing:
                _prober.Stop();
                break;
            case AskSentinel ask:
                _links.Find(link => link.Sentinel == ask.Sentinel)?.Ask();
                break;
        }
    }

    private void OnLinkChanged()
    {
        List<ConvoyRedisConnectionException> faults;
        lock (_gate)
        {
            faults = [.. _links.Select(link => link.Fault).OfType<ConvoyRedisConnectionException>()];
            var final = faults.Count(fault => fault.IsFinal);
            if (_located.Task.IsCompleted || (faults.Count < _links.Count && final * 2 <= _links.Count))
                return;
        }

        var worst = faults.FirstOrDefault(fault => fault.IsFinal);
        _located.TrySetException(new ConvoyRedisConnectionException(worst?.Fault ?? ConvoyRedisFault.NoMaster,
            $"No sentinel names the master. {string.Join(' ', faults.Select(fault => fault.Message).Distinct())}"));
    }
}
