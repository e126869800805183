using System.Diagnostics;
using System.Net;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tunnel;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>Where the endpoint for replicas leads.</summary>
public sealed class ReplicaMonitorTests : IAsyncDisposable
{
    private const string Name = "replica.test";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly WatchedClock _clock = new();
    private readonly ScriptedNode _master = ScriptedNode.Start();
    private readonly ScriptedNode _replica = ScriptedNode.Start(isMaster: false);
    private readonly MasterTunnel _tunnel;
    private readonly ReplicaMonitor _monitor;
    private ConvoyRedisEndpoint? _present;
    private ConvoyRedisEndpoint _listed;
    private IPAddress _address = IPAddress.Loopback;

    public ReplicaMonitorTests()
    {
        var target = new ConvoyRedisOptions { Scheme = "redis-sentinel", Host = "127.0.0.1", MasterName = "mymaster", ReadFrom = ConvoyRedisReadFrom.PreferReplica }.Resolve();
        var dialer = new NodeDialer(NodeAccess.ToData(target, tls: null, (_, _) => Task.FromResult<IPAddress[]>([_address]), _clock));
        var context = ConnectionContexts.Create(_clock, new FakeLogger());
        _listed = _replica.Endpoint;
        _master.Override = command => command[0] == "ROLE" ? RoleOf(100) : null;
        _tunnel = new MasterTunnel(null, new DialPlan(new MasterDialer(dialer, replicaAccepted: false, context), dialer, target.HoldDeadline), context);
        _monitor = new ReplicaMonitor(target, dialer, () => _present, context);
    }

    private ReplicaRoute Route => _tunnel.Replicas!;

    public async ValueTask DisposeAsync()
    {
        await _monitor.DisposeAsync();
        _tunnel.Dispose();
        await _replica.DisposeAsync();
        await _master.DisposeAsync();
    }

    [Fact]
    public async Task Replica_HasWhatTheMasterHas_IsReadFrom()
    {
        _replica.Override = command => command[0] == "INFO" ? Info(100) : null;
        await LeadAsync(_replica);
    }

    [Theory]
    [InlineData("slave_repl_offset:99")]
    [InlineData("slave_repl_offset:100\r\nmaster_sync_in_progress:1")]
    [InlineData("role:master\r\nslave_repl_offset:100")]
    public async Task Replica_LacksSomething_OrCopiesEverythingAnew_OrIsAMaster_IsNotReadFrom(string state)
    {
        _replica.Override = command => command[0] == "INFO" ? Resp.Bulk($"{state}\r\nmaster_link_status:up\r\n") : null;
        Attach();

        await PassUntilAsync(() => _replica.Peer.Count("INFO") > 0 && _replica.Peer.Connections == 0);
        await LeadAsync(_master);
    }

    // The sentinels know the candidate by its name, the master by its address.
    [Fact]
    public async Task Candidate_KnownByAnotherName_IsLeft()
    {
        _replica.Override = command => command[0] == "INFO" ? Info(100) : null;
        await LeadAsync(_replica);

        _monitor.Avoid(new ConvoyRedisEndpoint(Name, _replica.Endpoint.Port));
        await LeadAsync(_master);

        _monitor.Avoid(null);
        await LeadAsync(_replica);
    }

    // Like the reader endpoint of a managed service: each connection may reach another replica.
    [Fact]
    public async Task Watch_NameOfSeveralReplicas_UsesTheAddressOfTheStream()
    {
        _replica.Override = command => command[0] == "INFO" ? Info(100) : null;
        var address = IPAddress.Parse("127.0.0.2");
        await using var other = ScriptedNode.Start(isMaster: false, address, _replica.Endpoint.Port);
        other.Override = _replica.Override;
        (_listed, _address) = (new ConvoyRedisEndpoint(Name, _replica.Endpoint.Port), address);
        Attach();
        await PassUntilAsync(() => Route.Node == _listed);
        await PassUntilAsync(() => other.Peer.Count("INFO") > 1);
        _address = IPAddress.Loopback;
        var stream = await _tunnel.BeforeAuthenticateAsync(Route.Endpoint, ConnectionType.Interactive, null, TestContext.Current.CancellationToken);
        Assert.Equal(_replica.Endpoint, Route.Address);

        // Somebody reads, as StackExchange.Redis does: the stream is handed over to the master, and from there to the other replica.
        _ = stream!.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask();
        _address = address;
        _replica.Override = command => command[0] == "INFO" ? Resp.Bulk("role:slave\r\nmaster_link_status:up\r\nmaster_sync_in_progress:1\r\n") : null;

        await PassUntilAsync(() => Route.Address?.Host == $"{address}");
    }

    // Nothing tells how old its data is when the master is gone for long.
    [Fact]
    public async Task Replica_UnfitWhileThereIsNoMaster_IsLeftForNone()
    {
        _replica.Override = command => command[0] == "INFO" ? Info(100) : null;
        await LeadAsync(_replica);

        _present = null;
        _clock.Advance(TimeSpan.FromSeconds(21));

        await PassUntilAsync(() => Route is { Node: null, IsOnReplica: false });
    }

    // There is no master before: the monitor asks it for its replicas at once.
    private void Attach()
    {
        _present = _master.Endpoint;
        _monitor.Attach(_tunnel.AddReplicas(new DnsEndPoint("replicas", 6379)));
    }

    private async Task LeadAsync(ScriptedNode node)
    {
        if (_tunnel.Replicas is null)
            Attach();
        await PassUntilAsync(() => Route.Node == node.Endpoint && Route.IsOnReplica == (node == _replica));
    }

    // Lets time pass, a little at a time, until something has come about.
    private async Task PassUntilAsync(Func<bool> condition)
    {
        for (var began = Stopwatch.GetTimestamp(); !condition(); _clock.Advance(TimeSpan.FromMilliseconds(10)))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Bound, $"It leads to {Route.Node}.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private string RoleOf(long offset) => Resp.Array(
        Resp.Bulk("master"), Resp.Number(offset), Resp.Array(Resp.Bulks(_listed.Host, $"{_listed.Port}", $"{offset}")));

    private static string Info(long offset) => Resp.Bulk($"role:slave\r\nmaster_link_status:up\r\nslave_repl_offset:{offset}\r\n");
}
