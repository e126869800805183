using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tests.Sentinel;
using ConvoyRedis.Client.Tunnel;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>Which decisions begin and end the questions to a candidate, and who gets the connection that saw it promoted.</summary>
public sealed class FailoverProbesTests : IAsyncDisposable
{
    private static readonly ConvoyRedisEndpoint Unrelated = new("10.0.0.9", 6379);

    private readonly WatchedClock _clock = new();
    private readonly ScriptedNode _candidate = ScriptedNode.Start(isMaster: false);
    private readonly ScriptedNode _other = ScriptedNode.Start(isMaster: false);
    private readonly Observations _observed;
    private readonly FailoverProbes _probes;
    private readonly TunnelClient _client;
    private Action<CandidateProbed> _decide = _ => { };

    public FailoverProbesTests()
    {
        _observed = new Observations(_clock.Pulse);
        var target = new ConvoyRedisOptions { Scheme = "redis-sentinel", Host = "127.0.0.1", MasterName = "test" }.Resolve();
        var nodes = new NodeDialer(NodeAccess.ToData(target, tls: null, time: _clock));
        var context = ConnectionContexts.Create(_clock, new FakeLogger());
        _client = new TunnelClient(target, nodes, context);
        _probes = new FailoverProbes(nodes, Observe, context);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _probes.DisposeAsync();
        await _client.DisposeAsync();
        await _candidate.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task ProbeCandidate_AsksIt()
    {
        Execute(new ProbeCandidate(_candidate.Endpoint));

        await _observed.SeenAsync<CandidateProbed>(probed => probed == new CandidateProbed(_candidate.Endpoint, IsMaster: false));
    }

    [Fact]
    public async Task ProbeCandidate_AnotherOne_LeavesTheFirst()
    {
        Execute(new ProbeCandidate(_candidate.Endpoint));
        await _candidate.Peer.ReceivedAsync(1, "ROLE");

        Execute(new ProbeCandidate(_other.Endpoint));

        await _observed.SeenAsync<CandidateProbed>(probed => probed.Candidate == _other.Endpoint);
        await _candidate.Peer.ConnectedAsync(0);
        Assert.Equal(1, _candidate.Peer.Accepted);
    }

    [Fact]
    public async Task StopProbing_LeavesIt()
    {
        Execute(new ProbeCandidate(_candidate.Endpoint));
        await _observed.SeenAsync<CandidateProbed>();

        Execute(new StopProbing());

        await _candidate.Peer.ConnectedAsync(0);
        Assert.Equal(1, _candidate.Peer.Accepted);
    }

    // While it is awaited whether and when the candidate is promoted, streams are held, and released, and sentinels are asked.
    [Fact]
    public async Task OtherDecisions_GoOnAsking()
    {
        Execute(new ProbeCandidate(_candidate.Endpoint));
        await AskedAgainAsync();

        foreach (var decision in new MasterDecision[] { new HoldMaster(), new ReleaseMaster(Unrelated), new GiveUpMaster(), new AskSentinel(Unrelated), new MeasureLag(Unrelated) })
            Execute(decision);
        _candidate.IsMaster = true;
        await AskedAgainAsync();

        await _observed.SeenAsync<CandidateProbed>(probed => probed.IsMaster);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Promotion_IsFollowed_ItsConnectionIsTheRoutesNextOne(bool isHandedOver)
    {
        FollowWhenPromoted(isHandedOver, _client.Route);
        _candidate.IsMaster = true;

        Execute(new ProbeCandidate(_candidate.Endpoint));
        await _observed.SeenAsync<CandidateProbed>(probed => probed.IsMaster);

        using var next = await _client.Masters.DialAsync(_candidate.Endpoint, Token);
        Assert.True(next.IsMaster);
        Assert.Equal((1, 1), (_candidate.Peer.Accepted, _candidate.Peer.Count("ROLE")));
        Assert.Equal("PONG", (await next.Resp.ExecuteAsync(["PING"], Token)).Text);

        // It is given once.
        using var another = await _client.Masters.DialAsync(_candidate.Endpoint, Token);
        Assert.Equal(2, _candidate.Peer.Accepted);
    }

    [Fact]
    public async Task Promotion_IsFollowedAndThereIsNoRoute_ItsConnectionEnds()
    {
        FollowWhenPromoted(isHandedOver: true, route: null);
        _candidate.IsMaster = true;

        Execute(new ProbeCandidate(_candidate.Endpoint));
        await _observed.SeenAsync<CandidateProbed>(probed => probed.IsMaster);

        await _candidate.Peer.ConnectedAsync(0);
        Assert.Equal(1, _candidate.Peer.Accepted);
    }

    // The order has not been heard yet: ROLE alone proves nothing, and is asked for again.
    [Fact]
    public async Task Promotion_IsNotFollowed_IsAskedAgainOnTheSameConnection()
    {
        _candidate.IsMaster = true;
        Execute(new ProbeCandidate(_candidate.Endpoint));
        await _observed.SeenAsync<CandidateProbed>(probed => probed.IsMaster);

        FollowWhenPromoted(isHandedOver: true, _client.Route);
        await AskedAgainAsync();
        await _observed.SeenAsync<CandidateProbed>(probed => probed.IsMaster, times: 2);

        using var next = await _client.Masters.DialAsync(_candidate.Endpoint, Token);
        Assert.Equal((1, 2), (_candidate.Peer.Accepted, _candidate.Peer.Count("ROLE")));
    }

    // The sentinels announced it first.
    [Fact]
    public async Task Follow_NothingWasSeenPromoted_RouteDialsForItself()
    {
        Execute(new Follow(_other.Endpoint, MasterChangeCause.Announced));
        _other.IsMaster = true;

        using var next = await _client.Masters.DialAsync(_other.Endpoint, Token);

        Assert.Equal(1, _other.Peer.Accepted);
    }

    [Fact]
    public async Task Dispose_EndsTheQuestions()
    {
        Execute(new ProbeCandidate(_candidate.Endpoint));
        await _observed.SeenAsync<CandidateProbed>();

        await _probes.DisposeAsync();

        await _candidate.Peer.ConnectedAsync(0);
        Execute(new ProbeCandidate(_other.Endpoint));
        Execute(new StopProbing());
        Assert.Equal(0, _other.Peer.Accepted);
    }

    private void Execute(MasterDecision decision) => _probes.Execute(decision, _client.Route);

    // As the tracker does: the move is decided on while the observation is passed on.
    private void FollowWhenPromoted(bool isHandedOver, LogicalRoute? route) => _decide = probed =>
    {
        if (!probed.IsMaster)
            return;
        _probes.Execute(new StopProbing(), route);
        _probes.Execute(
            isHandedOver ? new HandOver(probed.Candidate, MasterChangeCause.Promoted) : new Follow(probed.Candidate, MasterChangeCause.Promoted), route);
    };

    private void Observe(FailoverObservation observation)
    {
        _decide((CandidateProbed)observation);
        _observed.Add(observation);
    }

    private async Task AskedAgainAsync()
    {
        await _clock.WaitedForAsync(
            waits => waits.Any(wait => wait >= FailoverProbes.Pace.First && wait <= 2 * FailoverProbes.Pace.Longest), "the next question");
        _clock.Advance(2 * FailoverProbes.Pace.Longest);
    }
}
