using System.Diagnostics;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Client.Tests.Failover.Traces;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Traces;

/// <summary>
/// Runs links, prober and tracker on a real topology as a connection does, and writes down what is observed and decided. Addresses get the names
/// of a <see cref="FailoverTrace"/>, and times whole milliseconds, before the tracker sees them: replayed, it sees the same.
/// </summary>
internal sealed class TraceRecorder : IAsyncDisposable
{
    private static readonly TimeSpan ClockPeriod = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Dictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint> _names;
    private readonly FakeTimeProvider _time = new();
    private readonly MasterTracker _tracker;
    private readonly CandidateProber _prober;
    private readonly SentinelLinks _links;
    private readonly Timer _clock;
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly FailoverTrace _trace = new();
    private TimeSpan _now;
    private bool? _lastRole;
    private bool _isStopped;

    public TraceRecorder(SentinelTopology topology, FailoverMode mode)
    {
        var target = topology.Options().Resolve();
        _names = topology.Nodes.Select((node, index) => (node, name: $"n{index + 1}"))
            .Concat(topology.Sentinels.Select((sentinel, index) => (node: sentinel, name: $"s{index + 1}")))
            .ToDictionary(pair => new ConvoyRedisEndpoint(pair.node.Host, pair.node.Port), pair => FailoverTrace.Endpoint(pair.name));
        _tracker = new MasterTracker(mode, target.HoldDeadline, _time);
        _prober = new CandidateProber(new NodeDialer(NodeAccess.ToData(target, tls: null)), Observe, FailoverProbes.Pace, TimeProvider.System, NullLogger.Instance);
        var context = new ConnectionContext(
            NullLoggerFactory.Instance, NullLogger.Instance, TimeProvider.System, new Telemetry(Instruments.Shared, target), _ => { });
        lock (_gate)
            _links = new SentinelLinks(target, new NodeDialer(NodeAccess.ToSentinels(target, tls: null)), Observe, () => { }, context);
        _clock = new Timer(_ => Observe(new TimePassed()), null, ClockPeriod, ClockPeriod);
    }

    public MasterView View
    {
        get
        {
            lock (_gate)
                return _tracker.View;
        }
    }

    /// <summary>Stops, and gives what was recorded.</summary>
    public async Task<FailoverTrace> StopAsync()
    {
        await DisposeAsync();
        return _trace;
    }

    public void Comment(string comment)
    {
        lock (_gate)
            _trace.Comment(comment);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        await _clock.DisposeAsync();
        await _links.DisposeAsync();
        await _prober.DisposeAsync();
    }

    private void Observe(FailoverObservation observation)
    {
        lock (_gate)
        {
            var now = TimeSpan.FromMilliseconds(Math.Floor(Stopwatch.GetElapsedTime(_began).TotalMilliseconds));
            _time.Advance(now - _now);
            _now = now;
            var named = Named(observation);
            var decisions = _tracker.Observe(named);

            // The prober says the same again and again.
            if (decisions.Count > 0 || (named is not TimePassed && !(named is CandidateProbed probed && probed.IsMaster == _lastRole)))
                _trace.Add(now, named, decisions);
            _lastRole = named is CandidateProbed { IsMaster: var isMaster } ? isMaster : _lastRole;
            foreach (var decision in decisions)
                Carry(decision);
        }
    }

    private void Carry(MasterDecision decision)
    {
        switch (decision)
        {
            case ProbeCandidate probe:
                _lastRole = null;
                _prober.Start(Address(probe.Candidate));
                break;
            case StopProbing:
                _prober.Stop();
                break;
            case AskSentinel ask:
                _links.Ask(Address(ask.Sentinel));
                break;
        }
    }

    private FailoverObservation Named(FailoverObservation observation) => observation switch
    {
        SentinelAnswered answer => answer with { Sentinel = _names[answer.Sentinel], Master = _names[answer.Master] },
        SentinelLost lost => new SentinelLost(_names[lost.Sentinel]),
        SentinelEvent said => said with { Sentinel = _names[said.Sentinel], Master = Named(said.Master), Candidate = Named(said.Candidate) },
        CandidateProbed probed => probed with { Candidate = _names[probed.Candidate] },
        _ => observation,
    };

    private ConvoyRedisEndpoint? Named(ConvoyRedisEndpoint? address) => address is { } known ? _names[known] : null;

    private ConvoyRedisEndpoint Address(ConvoyRedisEndpoint name) => _names.First(pair => pair.Value == name).Key;
}
