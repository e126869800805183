using System.Diagnostics;
using System.Net;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Maintenance;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>
/// What the node of a fixed endpoint announces, and what follows: only managed services announce it. Long, because one unit has one class of tests.
/// </summary>
public sealed class NodeMaintenanceTests : IAsyncDisposable
{
    private const string Name = "redis.test";
    private const string Hello = "%2\r\n$5\r\nproto\r\n:3\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n";

    private static readonly IPAddress Second = IPAddress.Parse("127.0.0.2");
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private readonly WatchedClock _clock = new();
    private readonly FakeLogger _logger = new();
    private readonly ScriptedNode _node = ScriptedNode.Start();
    private readonly ScriptedNode _other;
    private readonly TunnelClient _client;
    private readonly RoleMonitor _monitor;
    private IPAddress _address = IPAddress.Loopback;
    private bool _areNoticesOffered = true;

    public NodeMaintenanceTests()
    {
        _other = ScriptedNode.Start(address: Second, port: _node.Endpoint.Port);
        _node.Override = Announcing;
        _other.Override = command => command[0] == "INFO" && command[1] == "server" ? Resp.Bulk("run_id:2\r\n") : null;
        var target = new ConvoyRedisOptions { Host = Name, Port = _node.Endpoint.Port }.Resolve();
        var dialer = new NodeDialer(NodeAccess.ToData(target, tls: null, (_, _) => Task.FromResult<IPAddress[]>([_address]), _clock));
        var context = ConnectionContexts.Create(_clock, _logger);
        _client = new TunnelClient(target, dialer, context);
        _client.Route.RouteTo(new(Name, _node.Endpoint.Port));
        _monitor = new RoleMonitor(dialer, isFixed: true, context);
    }

    private bool HasMoved => _client.Route.CommandStream?.Transport.Address.Host == $"{Second}" && _logger.Count(EventIds.NodeMoved) > 0;

    public async ValueTask DisposeAsync()
    {
        await _monitor.DisposeAsync();
        await _client.DisposeAsync();
        await _node.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task Watch_NodeAnnouncesNothing_IsAskedOnceAndItIsLoggedAsDebug()
    {
        _areNoticesOffered = false;
        await WatchAsync();

        await PassUntilAsync(() => _node.Peer.Count("ROLE") >= 6);

        Assert.Equal(1, _node.Peer.Count("HELLO", "3"));
        Assert.Equal(1, _node.Peer.Count("CLIENT", "MAINT_NOTIFICATIONS"));
        Assert.Equal(1, _node.Peer.Count("SUBSCRIBE", AzureNotice.Channel));
        Assert.DoesNotContain(_logger.Collector.GetSnapshot(), line => line.Level > LogLevel.Debug);
        Assert.Equal(2, _logger.Count(EventIds.MaintenanceNotAnnounced));
    }

    [Fact]
    public async Task Watch_NodeWithoutResp3_IsAskedForNothingElse()
    {
        _node.Override = command => command[0] == "HELLO" ? Resp.Error("ERR unknown command 'HELLO'") : null;
        await WatchAsync();

        await PassUntilAsync(() => _node.Peer.Count("ROLE") >= 6);

        Assert.Equal(0, _node.Peer.Count("CLIENT"));
        Assert.Equal(0, _node.Peer.Count("SUBSCRIBE"));
    }

    [Fact]
    public async Task Moving_ToAnAddress_HandsTheStreamOver()
    {
        await WatchAsync();

        await PushAsync(Resp.Bulk("MOVING"), Resp.Number(1), Resp.Number(15), Resp.Bulk($"{_other.Endpoint}"));

        await PassUntilAsync(() => HasMoved);
        AssertHandedOver();
        await _client.WriteAsync("SET", "key", "value");
        await _other.Peer.ReceivedAsync(1, "SET");
    }

    [Fact]
    public async Task Moving_WithoutAnAddress_HandsTheStreamOverWhenTheNameMoves()
    {
        await WatchAsync();
        await PushAsync(Resp.Bulk("MOVING"), Resp.Number(1), Resp.Number(15), "_\r\n");
        var asked = _node.Peer.Count("INFO", "server");
        await PassUntilAsync(() => _node.Peer.Count("INFO", "server") >= asked + 4);
        Assert.False(HasMoved);

        _address = Second;

        await PassUntilAsync(() => HasMoved);
        AssertHandedOver();
    }

    [Fact]
    public async Task Moving_WithoutAnAddress_IsConnectedAnewOnceAfterHalfTheTime()
    {
        await WatchAsync();
        var first = _client.Route.CommandStream!.Transport;
        await PushAsync(Resp.Bulk("MOVING"), Resp.Number(1), Resp.Number(6), "_\r\n");
        await PassUntilAsync(() => _logger.Count(EventIds.MaintenanceAnnounced) == 1);
        var announced = _clock.GetTimestamp();
        await PassUntilAsync(() => _clock.GetElapsedTime(announced) > TimeSpan.FromSeconds(2));
        Assert.Equal(0, _logger.Count(EventIds.NodeMoved));

        await PassUntilAsync(() => _clock.GetElapsedTime(announced) > TimeSpan.FromSeconds(12));

        AssertHandedOver();
        Assert.NotEqual(first, _client.Route.CommandStream!.Transport);
    }

    [Fact]
    public async Task Moving_NameLeadsToAReplica_LeavesTheStreamAndSaysSo()
    {
        await WatchAsync();
        _address = Second;
        _other.IsMaster = false;

        await PushAsync(Resp.Bulk("MOVING"), Resp.Number(1), Resp.Number(2), "_\r\n");

        await PassUntilAsync(() => _logger.Count(EventIds.MaintenanceWithoutMove) == 1);
        Assert.Equal(0, _logger.Count(EventIds.NodeMoved));
        Assert.False(_client.HasEnded);
    }

    // A server repeats MOVING to each new connection.
    [Fact]
    public async Task Moving_Repeated_IsFollowedOnce()
    {
        await WatchAsync();
        string[] push = [Resp.Bulk("MOVING"), Resp.Number(1), Resp.Number(15), Resp.Bulk($"{_other.Endpoint}")];
        await PushAsync(push);
        await PushAsync(push);
        await PassUntilAsync(() => HasMoved);

        var asked = _other.Peer.Count("ROLE");
        await PassUntilAsync(() => _other.Peer.Count("ROLE") >= asked + 4);

        AssertHandedOver();
        Assert.Equal(1, _logger.Count(EventIds.MaintenanceAnnounced));
    }

    [Fact]
    public async Task Moving_ToAReplica_IsNotFollowed()
    {
        _other.IsMaster = false;
        await WatchAsync();

        await PushAsync(Resp.Bulk("MOVING"), Resp.Number(1), Resp.Number(15), Resp.Bulk($"{_other.Endpoint}"));

        await PassUntilAsync(() => _other.Peer.Count("ROLE") >= 3);
        Assert.False(HasMoved);
        Assert.False(_client.HasEnded);
    }

    [Fact]
    public async Task FailingOver_NodeIsSilent_IsLeftOnlyAfterTheAnnouncedTime()
    {
        await WatchAsync();
        await PushAsync(Resp.Bulk("FAILING_OVER"), Resp.Number(1), Resp.Number(10), Resp.Bulk("1"));
        await PassUntilAsync(() => _logger.Count(EventIds.MaintenanceAnnounced) == 1);
        var announced = _clock.GetTimestamp();
        _address = Second;
        _node.Override = _ => ScriptedPeer.Silence;

        await PassUntilAsync(() => _client.HasEnded);

        Assert.InRange(_clock.GetElapsedTime(announced), TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(15));
        Assert.Equal(1, _logger.Count(EventIds.SilentNodeLeft));
    }

    [Fact]
    public async Task Azure_FailoverOfTheMaster_HandsTheStreamOverWhenTheNameMoves()
    {
        _areNoticesOffered = false;
        _node.Override = command => command[0] == "SUBSCRIBE" ? $">3\r\n{Resp.Bulk("subscribe")}{Resp.Bulk(command[1])}:1\r\n" : Announcing(command);
        await WatchAsync();
        await PublishAsync("Scheduled", isReplica: false);
        await PublishAsync("Starting", isReplica: true);
        await PassUntilAsync(() => _logger.Count(EventIds.MaintenanceAnnounced) == 2);
        var asked = _node.Peer.Count("INFO", "server");
        await PublishAsync("Starting", isReplica: false);
        await PassUntilAsync(() => _node.Peer.Count("INFO", "server") > asked);
        Assert.False(HasMoved);

        _address = Second;

        await PassUntilAsync(() => HasMoved);
        AssertHandedOver();
    }

    [Fact]
    public async Task Push_NotUnderstood_IsLoggedAsDebug()
    {
        await WatchAsync();

        await PushAsync(Resp.Bulk("MOVING"), Resp.Bulk("soon"));
        await PushAsync(Resp.Bulk("invalidate"), Resp.Bulks("key"));

        await PassUntilAsync(() => _logger.Count(EventIds.MaintenanceNotUnderstood) == 1);
        Assert.Equal(0, _logger.Count(EventIds.MaintenanceAnnounced));
    }

    private string? Announcing(IReadOnlyList<string> command) => (command[0], command.Count > 1 ? command[1] : "") switch
    {
        ("HELLO", "3") => Hello,
        ("CLIENT", "MAINT_NOTIFICATIONS") => _areNoticesOffered ? null : Resp.Error("ERR unknown subcommand 'MAINT_NOTIFICATIONS'"),
        ("SUBSCRIBE", _) => Resp.Error("NOPERM no permissions to access one of the channels"),
        ("INFO", "server") => Resp.Bulk("run_id:1\r\n"),
        _ => null,
    };

    private void AssertHandedOver()
    {
        Assert.False(_client.HasEnded);
        Assert.Equal(1, _logger.Count(EventIds.NodeMoved));
        Assert.Equal(0, _logger.Count(EventIds.HandoverFailed));
    }

    private Task PushAsync(params string[] items) => _node.Peer.PushAsync($">{items.Length}\r\n{string.Concat(items)}", after: "HELLO");

    private Task PublishAsync(string step, bool isReplica) => PushAsync(
        Resp.Bulk("message"),
        Resp.Bulk(AzureNotice.Channel),
        Resp.Bulk($"NotificationType|NodeMaintenance{step}|StartTimeInUTC|{_clock.GetUtcNow().AddSeconds(20):s}|IsReplica|{isReplica}|IPAddress||SSLPort|15001"));

    // There is a stream, and the monitor has asked the node at its end.
    private async Task WatchAsync()
    {
        await _client.OpenAsync();
        await _clock.WaitedForAsync(RoleMonitor.Period);
        _monitor.Attach(_client.Route);
        await PassUntilAsync(() => _node.Peer.Count("ROLE") >= 4);
    }

    // A few times faster than the machine's clock: what is sent to the doubles and back takes real time.
    private async Task PassUntilAsync(Func<bool> condition)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Pulse.Limit, "It did not come about.");
            await Task.Delay(1, TestContext.Current.CancellationToken);
            _clock.Advance(Step);
        }
    }
}
