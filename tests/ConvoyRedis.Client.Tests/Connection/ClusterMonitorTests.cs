using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tunnel;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>When the nodes of a cluster are asked for what, and what their answers lead to; failovers of real clusters are in the integration tests.</summary>
public sealed class ClusterMonitorTests : IAsyncDisposable
{
    private const string MasterId = "1111111111111111111111111111111111111111";
    private const string ReplicaId = "2222222222222222222222222222222222222222";

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1.5);

    private readonly WatchedClock _clock = new();
    private readonly ScriptedNode _master = ScriptedNode.Start();
    private readonly ScriptedNode _replica = ScriptedNode.Start(isMaster: false);
    private readonly Lazy<ClusterMonitor> _started;
    private readonly MasterTunnel _tunnel;
    private volatile ClusterLayout? _told;
    private string _joined = "";
    private string? _refusal;

    public ClusterMonitorTests()
    {
        _master.Override = command => command[0] == "CLUSTER" && _refusal is not null ? Resp.Error(_refusal) : command switch
        {
            ["CLUSTER", "INFO"] => Resp.Bulk($"cluster_state:ok\r\ncluster_known_nodes:{(_joined.Length == 0 ? 2 : 3)}\r\n"),
            ["CLUSTER", "NODES"] => Resp.Bulk($"{MasterId} {_master!.Endpoint}@1 myself,master - 0 0 1 connected 0-16383\n"
                + $"{ReplicaId} {_replica!.Endpoint}@1 slave {MasterId} 0 0 1 connected\n{_joined}"),
            _ => null,
        };
        var target = new ConvoyRedisOptions { Host = "127.0.0.1", Port = _master.Endpoint.Port }.Resolve();
        var dialer = new NodeDialer(NodeAccess.ToData(target, tls: null, time: _clock));
        var context = ConnectionContexts.Create(_clock, new FakeLogger());
        _tunnel = new MasterTunnel(null, new DialPlan(new MasterDialer(dialer, replicaAccepted: false, context), dialer, target.HoldDeadline), context);
        _started = new Lazy<ClusterMonitor>(() =>
        {
            var monitor = new ClusterMonitor([_master.Endpoint], dialer, context);
            monitor.Attach(new ClusterFollower(_tunnel, _ => { }, Tell));
            return monitor;
        });
    }

    // It asks from its beginning on: what it is to be answered first is said before.
    private ClusterMonitor Monitor => _started.Value;

    public async ValueTask DisposeAsync()
    {
        await Monitor.DisposeAsync();
        _tunnel.Dispose();
        await _master.DisposeAsync();
        await _replica.DisposeAsync();
    }

    [Fact]
    public async Task NodeJoins_IsNoticedByTheNextAnswer_AndTold()
    {
        await WatchAsync();
        _joined = "3333333333333333333333333333333333333333 127.0.0.1:1@1 master - 0 0 0 connected\n";

        await _clock.PassUntilAsync(Step, () => _told?.Nodes.Count == 3);
    }

    // CLUSTER INFO counts a node from the moment when it is met, and tells nothing new when it has joined.
    [Fact]
    public async Task NodeIsAboutToJoin_TheLayoutIsReadUntilItHas()
    {
        _joined = "3333333333333333333333333333333333333333 127.0.0.1:1@1 handshake - 0 0 0 connected\n";
        _ = Monitor;
        await PauseAsync(answers: 2);
        _clock.Advance(Step);
        await PauseAsync(answers: 1);
        Assert.True(Monitor.Layout!.HasJoining);

        _joined = _joined.Replace("handshake", "master", StringComparison.Ordinal);
        _clock.Advance(Step);
        await _clock.Pulse.UntilAsync(() => _told?.Nodes.Count == 3, () => "The next question did not read the layout.");
    }

    [Fact]
    public async Task MasterFallsSilent_IsSuspectUntilItAnswersAgain()
    {
        await WatchAsync();
        var truth = _master.Override;
        _master.Override = _ => ScriptedPeer.Silence;

        await _clock.PassUntilAsync(Step, () => Monitor.Phase == ConvoyRedisPhase.FailingOver && Monitor.Shards.Single().Silence is not null);
        _master.Override = truth;
        _master.Peer.DropConnections();

        await _clock.PassUntilAsync(Step, () => Monitor.Phase == ConvoyRedisPhase.Following && Monitor.Shards.Single().Silence is null);
    }

    [Fact]
    public async Task NodeRefusesCluster_IsNotAskedAgainForAMinute()
    {
        _refusal = "NOPERM this user has no permissions to run the 'cluster|nodes' command";
        _ = Monitor;
        await _master.Peer.ReceivedAsync(1, "CLUSTER", "NODES");
        await _clock.WaitedForAsync(ClusterMonitor.Period);

        for (var second = 0; second < 30; second++)
        {
            _clock.Advance(ClusterMonitor.Period);
            await _clock.WaitedForAsync(ClusterMonitor.Period);
        }

        Assert.Equal(1, _master.Peer.Count("CLUSTER"));
        Assert.Null(Monitor.Layout);
    }

    private async Task WatchAsync()
    {
        await _clock.PassUntilAsync(Step, () => Monitor.Layout is not null);
        await _clock.PassUntilAsync(Step, () => _master.Peer.Count("CLUSTER", "INFO") > 1);
    }

    // While a node joins, a pause has a random length below Period, which may equal the time limit of an answer. So count: one short wait for each answer, and one more.
    private Task PauseAsync(int answers) => _clock.WaitedForAsync(
        waits => waits.Count(wait => wait < Step && wait != ClusterMonitor.Period) > answers, "the next question");

    private void Tell(ClusterLayout layout)
    {
        _told = layout;
        _clock.Pulse.Beat();
    }
}
