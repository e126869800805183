using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tests.Sentinel;
using Microsoft.Extensions.Logging.Abstractions;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>How a promotion is found out: by the end of an idle connection, by a question now and then, and without a storm of connections.</summary>
public sealed class CandidateProberTests : IAsyncDisposable
{
    private static readonly ProbePace Pace = FailoverProbes.Pace;

    private readonly WatchedClock _clock = new();
    private readonly Observations _observed;
    private readonly ScriptedNode _candidate = ScriptedNode.Start(isMaster: false);
    private readonly CandidateProber _prober;

    public CandidateProberTests()
    {
        _observed = new Observations(_clock.Pulse);
        var target = new ConvoyRedisOptions { Host = $"{_candidate.Endpoint}" }.Resolve();
        _prober = new CandidateProber(new NodeDialer(NodeAccess.ToData(target, tls: null, time: _clock)), _observed.Add, Pace, _clock, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _prober.DisposeAsync();
        await _candidate.DisposeAsync();
    }

    // The clock stands still: no question but the two of the connects tells.
    [Fact]
    public async Task Promotion_ClosesTheConnections_IsSeenAtOnce()
    {
        _prober.Start(_candidate.Endpoint);
        await _observed.SeenAsync<CandidateProbed>(probed => !probed.IsMaster);

        _candidate.IsMaster = true;
        _candidate.Peer.DropConnections();

        await _observed.SeenAsync<CandidateProbed>(probed => probed.IsMaster);
        Assert.Equal(2, _candidate.Peer.Count("ROLE"));
    }

    [Fact]
    public async Task Promotion_ClosesNothing_IsSeenByTheNextQuestion()
    {
        _prober.Start(_candidate.Endpoint);
        await PausesAsync(answers: 1, Pace.First);

        _candidate.IsMaster = true;
        _clock.Advance(2 * Pace.First);

        await _observed.SeenAsync<CandidateProbed>(probed => probed.IsMaster);
    }

    [Fact]
    public async Task Promotion_DoesNotCome_IsAskedForEverMoreSeldomUpToTheLongestPause()
    {
        _prober.Start(_candidate.Endpoint);

        var answers = 0;
        foreach (var pause in new[] { 50, 75, 112.5, 168.75, 250, 250, 250, 250 })
        {
            await PausesAsync(++answers, TimeSpan.FromMilliseconds(pause));
            _clock.Advance(TimeSpan.FromMilliseconds(2 * pause));
        }
    }

    [Fact]
    public async Task Candidate_EndsEachConnection_IsDialledSeldom()
    {
        _candidate.Override = command => command[0] == "ROLE" ? null : ScriptedPeer.Close;
        _prober.Start(_candidate.Endpoint);

        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(2); passed += TimeSpan.FromMilliseconds(10))
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.InRange(_candidate.Peer.Accepted, 3, 60);
    }

    // 40 clients dial it 40 times and then, with pauses of up to 250 ms, less than 20 times in 50 ms. Pauses that only begin to grow make it three times as often.
    [Fact]
    public async Task Candidate_RefusesAFleet_IsDialledSeldomFromTheFirstMoment()
    {
        const int Fleet = 40;
        _candidate.Override = command => command[0] == "PING" ? Resp.Error("ERR max number of clients reached") : null;
        var target = new ConvoyRedisOptions { Host = $"{_candidate.Endpoint}" }.Resolve();
        var dialer = new NodeDialer(NodeAccess.ToData(target, tls: null, time: _clock));
        var fleet = Enumerable.Range(0, Fleet).Select(_ => new CandidateProber(dialer, _observed.Add, Pace, _clock, NullLogger.Instance)).ToList();
        fleet.ForEach(prober => prober.Start(_candidate.Endpoint));
        await _candidate.Peer.AcceptedAsync(Fleet);

        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMilliseconds(50); passed += TimeSpan.FromMilliseconds(2))
        {
            await _candidate.Peer.ConnectedAsync(0);
            _clock.Advance(TimeSpan.FromMilliseconds(2));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.InRange(_candidate.Peer.Accepted, Fleet, 2 * Fleet);
        foreach (var prober in fleet)
            await prober.DisposeAsync();
    }

    // It answers, and ends each connection afterwards: only the first end is taken for the promotion.
    [Fact]
    public async Task Candidate_EndsEachConnectionAfterItsAnswer_IsDialledAtOnceOnlyOnce()
    {
        _prober.Start(_candidate.Endpoint);
        await _observed.SeenAsync<CandidateProbed>(times: 1);
        _candidate.Peer.DropConnections();
        await _observed.SeenAsync<CandidateProbed>(times: 2);

        _candidate.Peer.DropConnections();
        await _clock.WaitedForAsync(waits => waits.Any(wait => wait < Pace.First), "a pause");

        Assert.Equal(2, _candidate.Peer.Accepted);
    }

    [Fact]
    public async Task Candidate_MayNotBeAskedForItsRole_IsLeftAlone()
    {
        _candidate.Override = command => command[0] == "ROLE" ? Resp.Error("NOPERM no permissions") : null;
        _prober.Start(_candidate.Endpoint);

        await _candidate.Peer.ReceivedAsync(1, "ROLE");
        await _candidate.Peer.ConnectedAsync(0);

        Assert.Equal(1, _candidate.Peer.Accepted);
        Assert.Empty(_observed.Of<CandidateProbed>());
    }

    private async Task PausesAsync(int answers, TimeSpan pause)
    {
        await _observed.SeenAsync<CandidateProbed>(times: answers);
        await _clock.WaitedForAsync(waits => waits.Any(wait => wait >= pause && wait <= 2 * pause), $"the question after {pause.TotalMilliseconds} to {2 * pause.TotalMilliseconds} ms");
    }
}
