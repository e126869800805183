using System.Collections.Concurrent;
using System.Net;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tunnel;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>When the node at the other end of a stream is asked for its role, and what its answer leads to. The file is long because one unit has one class of tests.</summary>
public sealed class RoleMonitorTests : IAsyncDisposable
{
    private const string Name = "redis.test";
    private const string NoPermission = "NOPERM this user has no permissions to run the 'role' command";

    private static readonly IPAddress Other = IPAddress.Parse("127.0.0.2");

    private readonly WatchedClock _clock = new();
    private readonly FakeLogger _logger = new();
    private readonly ScriptedNode _node = ScriptedNode.Start();
    private readonly ConvoyRedisTarget _target;
    private readonly NodeDialer _dialer;
    private readonly ConnectionContext _context;
    private readonly TunnelClient _client;
    private readonly RoleMonitor _monitor;
    private IPAddress[] _addresses = [IPAddress.Loopback];

    public RoleMonitorTests()
    {
        _node.RunId = "former";
        _target = new ConvoyRedisOptions { Host = Name, Port = _node.Endpoint.Port }.Resolve();
        _dialer = new NodeDialer(NodeAccess.ToData(_target, tls: null, (_, _) => Task.FromResult(_addresses), _clock));
        _context = ConnectionContexts.Create(_clock, _logger);
        _client = Client();
        _monitor = new RoleMonitor(_dialer, isFixed: true, _context);
    }

    public async ValueTask DisposeAsync()
    {
        await _monitor.DisposeAsync();
        await _client.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task Monitor_NothingHappens_AsksEachSecondOnOneConnection()
    {
        await WatchAsync();
        var asked = _node.Peer.Count("ROLE");

        for (var second = 1; second <= 5; second++)
        {
            await PassAsync();
            Assert.Equal(asked + second, _node.Peer.Count("ROLE"));
        }

        Assert.Equal(2, _node.Peer.Accepted);
        Assert.False(_client.HasEnded);
    }

    [Fact]
    public async Task Suspect_NodeIsAMaster_AsksAtOnceAndLeavesTheStream()
    {
        await WatchAsync();
        var asked = _node.Peer.Count("ROLE");

        _monitor.Suspect();

        await _node.Peer.ReceivedAsync(asked + 1, "ROLE");
        await _clock.WaitedForAsync(RoleMonitor.Period, times: 7);
        Assert.False(_client.HasEnded);
    }

    [Fact]
    public async Task AskNow_PassesTheAnswerOnAtOnce()
    {
        var answers = new ConcurrentQueue<(ConvoyRedisEndpoint Master, long Bytes)>();
        _monitor.MasterAnswered += (master, _, lacked) => answers.Enqueue((master, lacked));
        await WatchAsync();
        _node.Override = command => command[0] != "ROLE" ? null : Resp.Array(
            Resp.Bulk("master"), Resp.Number(5), Resp.Array(Resp.Array(Resp.Bulk("10.0.0.2"), Resp.Bulk("6379"), Resp.Bulk("0"))));

        _monitor.AskNow();

        await _clock.WaitedForAsync(RoleMonitor.Period, times: 8);
        Assert.Equal((Named(_node), 5), answers.Last());
    }

    // A failover may begin in the first second after a connect, or after a move.
    [Fact]
    public async Task AskNow_NodeIsNotWatchedYet_AsksAtOnce()
    {
        var answers = new ConcurrentQueue<ConvoyRedisEndpoint>();
        _monitor.MasterAnswered += (master, _, _) => answers.Enqueue(master);
        await _client.OpenAsync();
        await _clock.WaitedForAsync(RoleMonitor.Period);
        _monitor.Attach(_client.Route);

        _monitor.AskNow();

        await _clock.WaitedForAsync(RoleMonitor.Period, times: 6);
        Assert.Contains(Named(_node), answers);
    }

    // It is no suspicion: a node that does not show its role would be left for it.
    [Fact]
    public async Task AskNow_NodeHidesItsRole_KeepsTheStream()
    {
        await WatchAsync();
        var asked = _node.Peer.Count("ROLE");
        _node.Override = command => command[0] == "ROLE" ? Resp.Error("NOPERM no permissions") : null;

        _monitor.AskNow();

        await _node.Peer.ReceivedAsync(asked + 1, "ROLE");
        await _clock.WaitedForAsync(RoleMonitor.Period, times: 8);
        Assert.False(_client.HasEnded);
    }

    [Fact]
    public async Task Suspect_NodeIsAReplica_EndsTheStreamAtOnce()
    {
        await WatchAsync();
        _node.IsMaster = false;

        _monitor.Suspect();

        await _client.EndedAsync();
    }

    [Fact]
    public async Task Monitor_NodeWasDemoted_EndsItsStreamWithinASecondAndSaysSoOnce()
    {
        var demoted = new List<ConvoyRedisEndpoint>();
        _client.Route.Demoted += (node, _) => demoted.Add(node);
        await WatchAsync();
        _node.IsMaster = false;

        _clock.Advance(RoleMonitor.Period);

        await _client.EndedAsync();
        await _node.Peer.ConnectedAsync(0);
        Assert.Equal(Named(_node), Assert.Single(demoted));
        Assert.Equal(1, _logger.Count(EventIds.MasterDemoted));
    }

    [Theory]
    [InlineData(NoPermission, true)]
    [InlineData("ERR unknown command 'ROLE'", true)]
    [InlineData("LOADING Redis is loading the dataset in memory", false)]
    public async Task Monitor_NodeRefusesItsRole_IsBelievedByItsRepliesUnlessItPasses(string refusal, bool isLeft)
    {
        await WatchAsync();
        _node.Override = command => command[0] == "ROLE" ? Resp.Error(refusal) : null;

        await PassAsync();
        await PassAsync();
        Assert.False(_client.HasEnded);
        _monitor.Suspect();

        if (isLeft)
            await _client.EndedAsync();
        await _clock.WaitedForAsync(RoleMonitor.Period, times: 5);
        Assert.Equal(isLeft, _client.HasEnded);
    }

    [Fact]
    public async Task Monitor_AcceptedReplica_IsNotLeftWhileNoMasterAnswers()
    {
        await AcceptAsync();

        for (var second = 0; second < 3; second++)
        {
            var dialled = _node.Peer.Accepted;
            await PassAsync();

            // The name is dialled anew each time: it may lead elsewhere.
            Assert.Equal(dialled + 1, _node.Peer.Accepted);
        }

        Assert.False(_client.HasEnded);
    }

    // Behind one name for several replicas, each connection may lead to another one; a write that is refused there is the caller's mistake.
    [Fact]
    public async Task Suspect_AcceptedReplica_AnotherReplicaAnswersAtItsAddress_IsNotLeft()
    {
        var processes = 0;
        _node.Override = command => command is ["INFO", "server"] ? Resp.Bulk($"run_id:{Interlocked.Increment(ref processes)}\r\n") : null;
        await AcceptAsync();

        // Two more waits than before it: for the answer, and then for the next question.
        _monitor.Suspect();
        await _clock.WaitedForAsync(RoleMonitor.Period, times: 7);
        await PassAsync();

        Assert.True(processes > 1);
        Assert.False(_client.HasEnded);
    }

    [Fact]
    public async Task Monitor_AcceptedReplicaIsPromoted_EndsItsStream()
    {
        await AcceptAsync();
        _node.IsMaster = true;

        _clock.Advance(RoleMonitor.Period);

        await _client.EndedAsync();
        Assert.Equal(1, _logger.Count(EventIds.ReplicaLeft));
    }

    [Fact]
    public async Task Monitor_NameOfAnAcceptedReplicaLeadsToAMaster_EndsItsStream()
    {
        await using var master = ScriptedNode.Start(address: Other, port: _node.Endpoint.Port);
        await AcceptAsync();
        _addresses = [Other];

        _clock.Advance(RoleMonitor.Period);

        await _client.EndedAsync();
        await _client.OpenAsync();
        Assert.Equal(2, master.Peer.Accepted);
    }

    // An availability zone that is gone sends no reset, and its node may still accept connections.
    [Fact]
    public async Task Monitor_NodeIsSilent_AMasterAnswersAtAnotherAddressOfItsName_EndsItsStreamAndTheNextLeadsThere()
    {
        await using var master = ScriptedNode.Start(address: Other, port: _node.Endpoint.Port);
        await WatchAsync();
        _addresses = [IPAddress.Loopback, Other];

        await FallSilentAsync();

        await _client.EndedAsync();
        await _client.OpenAsync();
        Assert.Equal(2, master.Peer.Accepted);
        Assert.Equal(1, _logger.Count(EventIds.SilentNodeLeft));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Monitor_NodeIsSilent_NobodyElseOrOnlyAReplicaAnswers_LeavesTheStream(bool isReplicaThere)
    {
        await using var replica = ScriptedNode.Start(isMaster: false, address: Other, port: _node.Endpoint.Port);
        await WatchAsync();
        if (isReplicaThere)
            _addresses = [IPAddress.Loopback, Other];

        await FallSilentAsync();

        await replica.Peer.AcceptedAsync(isReplicaThere ? 1 : 0);
        await _clock.WaitedForAsync(RoleMonitor.Period, times: 2);
        _clock.Advance(RoleMonitor.Period);
        await _clock.WaitedForAsync(RoleMonitor.Period / 2);
        Assert.False(_client.HasEnded);
    }

    // Behind a proxy or a load balancer, an address leads to another process by and by; what is connected stays where it is.
    [Fact]
    public async Task Monitor_FormerProcessWasDemoted_EndsOnlyTheStreamsToIt()
    {
        await WatchAsync();
        await using var later = await ConnectToLaterProcessAsync();
        var asked = 0;
        _node.Override = command => command[0] == "ROLE" && Interlocked.Increment(ref asked) == 1 ? ScriptedNode.RoleOfAReplica : null;

        _clock.Advance(RoleMonitor.Period);

        await _client.EndedAsync();
        await _node.Peer.EndedAsync(2);
        Assert.False(later.HasEnded);
    }

    [Fact]
    public async Task Monitor_FormerProcessIsSilent_EndsOnlyTheStreamsToIt()
    {
        await using var master = ScriptedNode.Start(address: Other, port: _node.Endpoint.Port);
        await WatchAsync();
        await using var later = await ConnectToLaterProcessAsync();
        _addresses = [IPAddress.Loopback, Other];

        await FallSilentAsync();

        await _client.EndedAsync();
        await _node.Peer.EndedAsync(2);
        Assert.False(later.HasEnded);
    }

    [Fact]
    public async Task Monitor_FormerProcessStaysMaster_AsksTheLaterOne()
    {
        await WatchAsync();
        await using var later = await ConnectToLaterProcessAsync();

        _monitor.Suspect();
        await _node.Peer.EndedAsync(1);
        _clock.Advance(RoleMonitor.Period);
        await _clock.WaitedForAsync(RoleMonitor.Period, times: 5);
        _node.IsMaster = false;
        _clock.Advance(RoleMonitor.Period);

        await later.EndedAsync();
        Assert.False(_client.HasEnded);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Suspect_TheMonitorAsksALaterProcess_EndsTheStream(bool isRoleHidden)
    {
        await WatchAsync(beforeTheMonitor: () => _node.RunId = "later");
        if (isRoleHidden)
            _node.Override = command => command[0] == "ROLE" ? Resp.Error(NoPermission) : null;
        else
            _node.IsMaster = false;

        _monitor.Suspect();

        await _client.EndedAsync();
    }

    private TunnelClient Client()
    {
        var client = new TunnelClient(_target, _dialer, _context);
        client.Route.RouteTo(Named(_node));
        return client;
    }

    // Another connection of the process, which shares the monitor.
    private async Task<TunnelClient> ConnectToLaterProcessAsync()
    {
        _node.RunId = "later";
        var client = Client();
        await client.OpenAsync();
        _monitor.Attach(client.Route);
        return client;
    }

    private static ConvoyRedisEndpoint Named(ScriptedNode node) => new(Name, node.Endpoint.Port);

    // There is a stream, and the monitor has asked the node at its end for the first time: it waits for the next look at the streams, for the answers to
    // INFO (twice) and HELLO, and then for the next question.
    private async Task WatchAsync(Action? beforeTheMonitor = null)
    {
        await _client.OpenAsync();
        beforeTheMonitor?.Invoke();
        await _clock.WaitedForAsync(RoleMonitor.Period);
        _monitor.Attach(_client.Route);
        _clock.Advance(RoleMonitor.Period);
        await _clock.WaitedForAsync(RoleMonitor.Period, times: 5);
    }

    // A replica has been there for so long that it is taken as meant.
    private async Task AcceptAsync()
    {
        _node.IsMaster = false;
        await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => _client.Masters.DialAsync(Named(_node), TestContext.Current.CancellationToken));
        await _clock.WaitedForAsync(RoleMonitor.Period);
        _clock.Advance(MasterDialer.ReplicaPatience);
        await WatchAsync();
        Assert.Equal(1, _logger.Count(EventIds.ReplicaAccepted));
    }

    // It does not answer the next question in time.
    private async Task FallSilentAsync()
    {
        var asked = _node.Peer.Count("ROLE");
        _node.Override = _ => ScriptedPeer.Silence;
        _clock.Advance(RoleMonitor.Period);
        await _node.Peer.ReceivedAsync(asked + 1, "ROLE");
        await _clock.WaitedForAsync(RoleMonitor.Period, times: 2);
        _clock.Advance(RoleMonitor.Period);
    }

    private async Task PassAsync()
    {
        _clock.Advance(RoleMonitor.Period);
        await AnsweredAsync();
    }

    // The monitor waits three times each second: for the next look at the streams, for the answer, and then for the next question.
    private Task AnsweredAsync() => _clock.WaitedForAsync(RoleMonitor.Period, times: 3);
}
