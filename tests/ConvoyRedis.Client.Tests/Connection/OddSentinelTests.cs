using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>
/// Answers that make no sense end neither a link nor the following of the master: what comes later is heard, and disposal ends every part.
/// </summary>
public sealed class OddSentinelTests : IAsyncDisposable
{
    private const string MasterAddress = "SENTINEL GET-MASTER-ADDR-BY-NAME";
    private const string Master = "SENTINEL MASTER";
    private const string Sentinels = "SENTINEL SENTINELS";

    /// <summary>For how many seconds the answers are odd, and how many a link needs to recover at most.</summary>
    private const int Seconds = 3;

    /// <summary>Asked once for each connection.</summary>
    private const string Id = "SENTINEL MYID";

    private static readonly string Nested = string.Concat(Enumerable.Repeat("*1\r\n", 20_000));

    /// <summary>Each odd answer, with the command that it answers.</summary>
    private static readonly Dictionary<string, (string Command, string Reply)> OddAnswers = new()
    {
        ["empty host"] = (MasterAddress, Resp.Bulks("", "6379")),
        ["port too high"] = (MasterAddress, Resp.Bulks("127.0.0.1", "70000")),
        ["port 0"] = (MasterAddress, Resp.Bulks("127.0.0.1", "0")),
        ["blank in the host"] = (MasterAddress, Resp.Bulks("a host", "6379")),
        ["no port"] = (MasterAddress, Resp.Bulks("127.0.0.1")),
        ["no address"] = (MasterAddress, Resp.NullArray),
        ["address not permitted"] = (MasterAddress, Resp.Error("NOPERM this user has no permissions to run this command")),
        ["address nested too deep"] = (MasterAddress, Nested),
        ["epoch too high"] = (Master, ScriptedSentinel.MasterFields("127.0.0.1", "6379", "18446744073709551615")),
        ["epoch below 0"] = (Master, ScriptedSentinel.MasterFields("127.0.0.1", "6379", "-1")),
        ["no epoch"] = (Master, Resp.Bulks("name", ScriptedSentinel.MasterName)),
        ["no master"] = (Master, Resp.Null),
        ["master of other types"] = (Master, Resp.Array(Resp.Array(Resp.Null), Resp.Number(7))),
        ["master with too many fields"] = (Master, "*1000000000\r\n"),
        ["no INFO"] = ("INFO", Resp.Null),
        ["pong nested too deep"] = ("PING", Nested),
        ["no quorum"] = ("SENTINEL CKQUORUM", Resp.Null),
        ["list in place of an id"] = (Id, Resp.Array()),
        ["no sentinels"] = (Sentinels, Resp.Null),
        ["sentinels too long"] = (Sentinels, "$1000000000\r\n"),
        ["sentinels of other types"] = (Sentinels, Resp.Array(Resp.Number(1), Resp.Bulks("runid", "x", "ip", "", "port", "70000"))),
    };

    private readonly WatchedClock _clock = new();
    private readonly FakeLogger _logger = new();
    private readonly ScriptedNode _before = ScriptedNode.Start();
    private readonly ScriptedNode _next = ScriptedNode.Start();

    public static TheoryData<string> Odd => [.. OddAnswers.Keys];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _before.DisposeAsync();
        await _next.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task OddAnswer_ForAWhile_LaterMoveIsFollowedAndDisposalEndsAll(string odd)
    {
        var (command, reply) = OddAnswers[odd];
        var words = command.Split(' ');
        await using var sentinel = ScriptedSentinel.Start(_before.Endpoint);
        var coordinator = Start(sentinel, out var target);
        var dialer = new NodeDialer(NodeAccess.ToData(target, tls: null, time: _clock));
        await using var client = new TunnelClient(target, dialer, ConnectionContexts.Create(_clock, _logger));
        coordinator.Attach(client.Route, _ => { });
        await client.OpenAsync();
        await SettledAsync();

        var asked = sentinel.Peer.Count(words);
        sentinel.Override = received => received.Take(words.Length).SequenceEqual(words) ? reply : null;
        if (command == Id)
            sentinel.Peer.DropConnections();
        await PassAsync(Seconds);
        Assert.True(sentinel.Peer.Count(words) > asked);
        Assert.Equal(_before.Endpoint, coordinator.View.Master);
        (sentinel.Master, sentinel.Epoch, sentinel.Override) = (_next.Endpoint, 2, _ => null);
        await PassAsync(Seconds);

        Assert.Equal(_next.Endpoint, coordinator.View.Master);
        await client.EndedAsync();
        await client.OpenAsync();
        await client.WriteAsync("SET", "key", "value");
        await _next.Peer.ReceivedAsync(1, "SET");
        Assert.Equal(0, _logger.Count(EventIds.PartFailed));
        await coordinator.DisposeAsync();
        await sentinel.Peer.ConnectedAsync(0);
    }

    [Fact]
    public async Task MasterThatDoesNotResolveOnTheSentinel_IsReportedWithTheSettingToLookAt()
    {
        await using var sentinel = ScriptedSentinel.Start(new("", 6379));
        var options = Options(sentinel);
        (options.CommandTimeout, options.HoldDeadline) = (TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(400));

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        Assert.Equal(ConvoyRedisFault.NoMaster, fault.Fault);
        Assert.Contains($"Sentinel {sentinel.Endpoint} knows the master 'mymaster', but announces an empty host.", fault.Message, StringComparison.Ordinal);
        Assert.Contains("resolve-hostnames", fault.Message, StringComparison.Ordinal);
    }

    private FailoverCoordinator Start(ScriptedSentinel sentinel, out ConvoyRedisTarget target)
    {
        target = Options(sentinel).Resolve();
        var dialers = new DeploymentDialers(target, _clock);
        return new FailoverCoordinator(target, dialers.Nodes, dialers.Sentinels, ConnectionContexts.Create(_clock, _logger));
    }

    private static ConvoyRedisOptions Options(ScriptedSentinel sentinel) => new()
    {
        Scheme = "redis-sentinel",
        Host = $"{sentinel.Endpoint}",
        MasterName = ScriptedSentinel.MasterName,
    };

    // The link waits for the next second and the next ping, or was lost and pauses.
    private Task SettledAsync() => _clock.WaitedForAsync(
        waits => waits.Count(wait => wait == SentinelLink.PollPeriod) >= 2 || waits.Any(wait => wait < SentinelLink.PollPeriod),
        "a second or a pause");

    private async Task PassAsync(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _clock.Advance(SentinelLink.PollPeriod);
            await SettledAsync();
        }
    }
}
