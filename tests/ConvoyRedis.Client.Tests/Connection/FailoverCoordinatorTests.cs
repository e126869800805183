using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>A failover from what the sentinels say to what arrives at the nodes, step by step. The file is long because one unit has one class of tests.</summary>
public sealed class FailoverCoordinatorTests : IAsyncDisposable
{
    private static readonly TimeSpan HoldDeadline = TimeSpan.FromMilliseconds(400);

    /// <summary>How often the time is looked at while streams are held: four times, and the last time just behind the deadline.</summary>
    private static readonly TimeSpan HoldTick = (HoldDeadline / 4) + TimeSpan.FromMilliseconds(1);

    /// <summary>The longest pause after a candidate has ended a connection too soon to be promoted.</summary>
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(11);

    /// <summary>How long the old master may be silent before it is looked at again whether it is.</summary>
    private static readonly TimeSpan SilenceStep = TimeSpan.FromMilliseconds(25);

    private readonly WatchedClock _clock = new();
    private readonly FakeLogger _logger = new();
    private readonly ScriptedNode _master = ScriptedNode.Start();
    private readonly ScriptedNode _candidate = ScriptedNode.Start(isMaster: false);
    private readonly List<ScriptedSentinel> _sentinels = [];
    private readonly List<MasterChangedEventArgs> _changes = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConvoyRedisTarget Target => new ConvoyRedisOptions
    {
        Scheme = "redis-sentinel",
        Host = string.Join(',', _sentinels.Select(sentinel => sentinel.Endpoint)),
        MasterName = ScriptedSentinel.MasterName,
        HoldDeadline = HoldDeadline,
    }.Resolve();

    private ConnectionContext Context => ConnectionContexts.Create(_clock, _logger);

    public async ValueTask DisposeAsync()
    {
        foreach (var sentinel in _sentinels)
            await sentinel.DisposeAsync();
        await _master.DisposeAsync();
        await _candidate.DisposeAsync();
    }

    [Fact]
    public async Task PlannedFailover_CandidateIsPromoted_StreamIsHeldAndThenHandedOver()
    {
        await using var coordinator = Start(_ => { });
        await using var client = await ConnectAsync(coordinator);
        await HoldAsync();
        Assert.Equal(ConvoyRedisPhase.Holding, coordinator.View.Phase);

        var held = client.WriteAsync("SET", "key", "held");
        Assert.False(held.IsCompleted);
        await PromoteAsync(() => coordinator.View.IsTentative);

        await held.InTimeAsync();
        await _candidate.Peer.ReceivedAsync(1, "SET");
        await coordinator.ReportedAsync(client.Route).InTimeAsync();
        Assert.Equal(_candidate.Endpoint, client.Route.Master);
        Assert.Equal(1, _master.Peer.Count("SET"));
        var change = Assert.Single(_changes, change => change.Previous is not null);
        Assert.Equal((_master.Endpoint, _candidate.Endpoint, MasterChangeCause.Promoted), (change.Previous, change.Current, change.Cause));
        Assert.True(change.IsTentative);
        Assert.Equal(0, change.PossiblyLostBytes);
        Assert.False(client.HasEnded);

        // One connection that waited for the promotion, and one that saw it and is the stream's now.
        Assert.Equal(2, _candidate.Peer.Accepted);
        Assert.Equal(2, _candidate.Peer.Count("ROLE"));
    }

    [Fact]
    public async Task PlannedFailover_SentinelShowsTheHigherEpoch_IsCommitted()
    {
        await using var coordinator = Start(_ => { });
        await using var client = await ConnectAsync(coordinator);
        await HoldAsync();
        await PromoteAsync(() => coordinator.View.IsTentative);
        var asked = _sentinels[0].Peer.Count("SENTINEL", "SENTINELS");
        (_sentinels[0].Master, _sentinels[0].Epoch) = (_candidate.Endpoint, 2);

        await _sentinels[0].PublishAsync("+switch-master",
            $"{ScriptedSentinel.MasterName} {_master.Endpoint.Host} {_master.Endpoint.Port} {_candidate.Endpoint.Host} {_candidate.Endpoint.Port}");

        // Asked at once, and not at the next second.
        await _sentinels[0].Peer.ReceivedAsync(asked + 1, "SENTINEL", "SENTINELS");
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, _candidate.Endpoint, 2, null), coordinator.View);
    }

    [Fact]
    public async Task PlannedFailover_NobodyIsPromotedInTime_StreamGoesOnToTheOldMaster()
    {
        // The candidate shows no role: nobody speaks while the streams are held, and only the clock says that it has been too long.
        _candidate.Override = command => command[0] == "ROLE" ? Resp.Error("NOPERM this user has no permissions to run the 'role' command") : null;
        await using var coordinator = Start(_ => { });
        await using var client = await ConnectAsync(coordinator);
        await HoldStepByStepAsync();
        var held = client.WriteAsync("SET", "key", "held");

        for (var tick = 1; tick < 4; tick++)
        {
            _clock.Advance(HoldTick);
            Assert.Equal(ConvoyRedisPhase.Holding, coordinator.View.Phase);
        }

        Assert.False(held.IsCompleted);
        _clock.Advance(HoldTick);

        await held.InTimeAsync();
        await _master.Peer.ReceivedAsync(2, "SET");
        Assert.Equal(ConvoyRedisPhase.FailingOver, coordinator.View.Phase);
        Assert.Equal(_master.Endpoint, client.Route.Master);
        Assert.False(client.HasEnded);
    }

    [Fact]
    public async Task Failover_OfADeadMaster_StreamIsCutAndTheNextOneLeadsToThePromotedNode()
    {
        await using var coordinator = Start(_ => { });
        await using var client = await ConnectAsync(coordinator);
        var master = $"{_master.Endpoint.Host} {_master.Endpoint.Port}";

        await _sentinels[0].PublishAsync("+odown", $"master {ScriptedSentinel.MasterName} {master} #quorum 2/2");
        await _sentinels[0].PublishFailoverAsync(_candidate.Endpoint);
        await client.EndedAsync();
        Assert.Equal(ConvoyRedisPhase.WaitingForMaster, coordinator.View.Phase);
        var reopening = client.OpenAsync();
        await PromoteAsync(() => coordinator.View.Phase == ConvoyRedisPhase.Following);

        await reopening.InTimeAsync();
        await client.WriteAsync("SET", "key", "after");
        await _candidate.Peer.ReceivedAsync(1, "SET");
    }

    [Fact]
    public async Task WaitForMaster_OneSentinelNamesIt_Completes()
    {
        await using var coordinator = Start(Refuse, Hang, _ => { });

        await coordinator.WaitForMasterAsync(Token).InTimeAsync();

        Assert.Equal(_master.Endpoint, coordinator.View.Master);
    }

    [Fact]
    public async Task WaitForMaster_MostSentinelsRefuse_FailsWithoutWaitingForTheOthers()
    {
        await using var coordinator = Start(Refuse, Refuse, Hang);

        var fault = await FaultAsync(coordinator);

        Assert.Equal(ConvoyRedisFault.Authentication, fault.Fault);
        Assert.Contains($"Sentinel {_sentinels[0].Endpoint} answered 'NOAUTH", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"Sentinel {_sentinels[1].Endpoint} answered 'NOAUTH", fault.Message, StringComparison.Ordinal);
        Assert.True(coordinator.HasFailed);
    }

    [Fact]
    public async Task WaitForMaster_FewerThanMostRefuse_WaitsForTheOthers()
    {
        var pings = 0;
        await using var coordinator = Start(Refuse, sentinel => sentinel.Override = command =>
            command[0] == "PING" && Interlocked.Increment(ref pings) == 1 ? ScriptedPeer.Silence : null);
        var waiting = coordinator.WaitForMasterAsync(Token);
        await _sentinels[1].Peer.ReceivedAsync(1, "PING");
        await _clock.PassUntilAsync(TimeSpan.FromSeconds(1), () => coordinator.Sentinels.Any(sentinel => sentinel.Fault is not null));

        Assert.False(waiting.IsCompleted);
        await _sentinels[1].Peer.PushAsync(Resp.Pong, after: "PING");

        await waiting.InTimeAsync();
    }

    [Fact]
    public async Task WaitForMaster_NoSentinelIsReached_Fails()
    {
        await using var coordinator = Start(HangUp, HangUp);

        var fault = await FaultAsync(coordinator);

        Assert.Equal(ConvoyRedisFault.NoMaster, fault.Fault);
        Assert.StartsWith("No sentinel names the master.", fault.Message, StringComparison.Ordinal);
    }

    private static void Refuse(ScriptedSentinel sentinel) =>
        sentinel.Override = command => command[0] == "PING" ? Resp.Error("NOAUTH Authentication required.") : null;

    private static void Hang(ScriptedSentinel sentinel) => sentinel.Override = _ => ScriptedPeer.Silence;

    private static void HangUp(ScriptedSentinel sentinel) => sentinel.Override = _ => ScriptedPeer.Close;

    private static Task<ConvoyRedisConnectionException> FaultAsync(FailoverCoordinator coordinator) =>
        Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => coordinator.WaitForMasterAsync(Token).InTimeAsync());

    private FailoverCoordinator Start(params Action<ScriptedSentinel>[] scripts)
    {
        foreach (var script in scripts)
        {
            var sentinel = ScriptedSentinel.Start(_master.Endpoint);
            script(sentinel);
            _sentinels.Add(sentinel);
        }

        var dialers = new DeploymentDialers(Target, _clock);
        return new FailoverCoordinator(Target, dialers.Nodes, dialers.Sentinels, Context);
    }

    // Connected, and the first command has been answered.
    private async Task<TunnelClient> ConnectAsync(FailoverCoordinator coordinator)
    {
        await coordinator.WaitForMasterAsync(Token).InTimeAsync();
        var client = new TunnelClient(Target, new NodeDialer(NodeAccess.ToData(Target, tls: null, time: _clock)), Context);
        coordinator.Attach(client.Route, _changes.Add);
        await client.OpenAsync();
        await client.WriteAsync("SET", "key", "before");
        await _master.Peer.ReceivedAsync(1, "SET");
        await _sentinels[0].Peer.ReceivedAsync(1, "SENTINEL", "SENTINELS");
        return client;
    }

    // The promotion is ordered, and the old master has answered all that it was sent: it is asked where its data set stands.
    // As Sentinel's promotion does, it ends every connection to the candidate.
    private async Task PromoteAsync(Func<bool> isFollowed)
    {
        await _candidate.Peer.ReceivedAsync(1, "ROLE");
        _candidate.IsMaster = true;
        _candidate.Peer.DropConnections();
        await _clock.PassUntilAsync(ProbePause, isFollowed);
    }

    private async Task HoldAsync()
    {
        await _sentinels[0].PublishFailoverAsync(_candidate.Endpoint);
        await _master.Peer.ReceivedAsync(1, "INFO", "replication");
    }

    // As above, but each answer is given when it is waited for, and has been heard in the end: nothing is under way when time passes.
    private async Task HoldStepByStepAsync()
    {
        _master.Override = command => command[0] is "ECHO" or "INFO" || command is ["PING", _] ? ScriptedPeer.Silence : null;
        await _sentinels[0].PublishFailoverAsync(_candidate.Endpoint);
        await _master.Peer.ReceivedAsync(1, "ECHO");
        await _clock.WaitedForAsync(SilenceStep);
        var marker = Resp.Bulk(_master.Peer.Commands.Single(command => command[0] == "ECHO")[1]);
        await _master.Peer.PushAsync(marker + marker, after: "ECHO");
        await _master.Peer.ReceivedAsync(1, "INFO");
        await _clock.WaitedForAsync(SilenceStep, times: 2);
        await _master.Peer.PushAsync(Resp.Null, after: "INFO");
        await _clock.NobodyWaitsForAsync(SilenceStep);
        _master.Override = _ => null;
    }
}
