using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>Answers that make no sense end neither a link nor the connection: what comes later is heard, and disposal ends every part.</summary>
public sealed class OddSentinelTests
{
    private static readonly TimeSpan Odd = TimeSpan.FromSeconds(1.5);

    private static readonly string Nested = string.Concat(Enumerable.Repeat("*1\r\n", 20_000));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each odd answer, with the command that it answers.</summary>
    private static readonly (string Command, string Reply)[] OddAnswers =
    [
        ("SENTINEL GET-MASTER-ADDR-BY-NAME", Resp.Bulks("", "6379")),
        ("SENTINEL GET-MASTER-ADDR-BY-NAME", Resp.Bulks("127.0.0.1", "70000")),
        ("SENTINEL GET-MASTER-ADDR-BY-NAME", Resp.Bulks("127.0.0.1", "0")),
        ("SENTINEL GET-MASTER-ADDR-BY-NAME", Resp.Bulks("a host", "6379")),
        ("SENTINEL GET-MASTER-ADDR-BY-NAME", Resp.Bulks("127.0.0.1")),
        ("SENTINEL GET-MASTER-ADDR-BY-NAME", Resp.NullArray),
        ("SENTINEL GET-MASTER-ADDR-BY-NAME", Resp.Error("NOPERM this user has no permissions to run the 'sentinel|get-master-addr-by-name' command")),
        ("SENTINEL MASTER", ScriptedSentinel.MasterFields("127.0.0.1", "6379", "18446744073709551615")),
        ("SENTINEL MASTER", ScriptedSentinel.MasterFields("127.0.0.1", "6379", "-1")),
        ("SENTINEL MASTER", Resp.Bulks("name", ScriptedSentinel.MasterName)),
        ("SENTINEL MASTER", Resp.Null),
        ("SENTINEL MASTER", Resp.Array(Resp.Array(Resp.Null), Resp.Number(7))),
        ("INFO", Resp.Null),
        ("SENTINEL GET-MASTER-ADDR-BY-NAME", Nested),
        ("SENTINEL MASTER", "*1000000000\r\n"),
        ("SENTINEL SENTINELS", "$1000000000\r\n"),
        ("PING", Nested),
        ("SENTINEL CKQUORUM", Resp.Null),
        ("SENTINEL MYID", Resp.Array()),
        ("SENTINEL SENTINELS", Resp.Null),
        ("SENTINEL SENTINELS", Resp.Array(Resp.Number(1), Resp.Bulks("runid", "x", "ip", "", "port", "70000"))),
    ];

    [Fact]
    public async Task OddAnswer_ForAWhile_LaterMoveIsFollowedAndDisposalEndsAll()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var next = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = redis }, Token);

        await Task.WhenAll(OddAnswers.Select(odd => AssertFollowedAsync(redis.Server, next.Server, odd)));
    }

    private static async Task AssertFollowedAsync(RedisServer before, RedisServer next, (string Command, string Reply) odd)
    {
        await using var sentinel = ScriptedSentinel.Start(new(before.Host, before.Port));
        var logs = new FakeLogCollector();
        var connection = await ConvoyRedisConnection.ConnectAsync(Options(sentinel), Factory(logs), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);

        var words = odd.Command.Split(' ');
        var asked = sentinel.Peer.Count(words);
        sentinel.Override = received => received.Take(words.Length).SequenceEqual(words) ? odd.Reply : null;
        await Eventually.TrueAsync(() => sentinel.Peer.Count(words) > asked, Token);
        await Task.Delay(Odd, Token);
        Assert.Equal(new ConvoyRedisEndpoint(before.Host, before.Port), connection.Master);
        sentinel.Override = _ => null;
        (sentinel.Master, sentinel.Epoch) = (new(next.Host, next.Port), 2);

        await Eventually.TrueAsync(() => connection.Master == sentinel.Master, Token);
        await multiplexer.GetDatabase().WithRetry().StringSetAsync($"{odd}", "value");
        Assert.Equal("value", (await next.ExecuteAsync("GET", $"{odd}")).Text);
        Assert.DoesNotContain(logs.GetSnapshot(), record => record.Message.Contains("failed unexpectedly", StringComparison.Ordinal));
        await connection.DisposeAsync();
        await Eventually.TrueAsync(() => sentinel.Peer.Connections == 0, Token);
    }

    [Fact]
    public async Task MasterThatDoesNotResolveOnTheSentinel_IsToldWithTheSettingToLookAt()
    {
        await using var sentinel = ScriptedSentinel.Start(new("", 6379));
        var options = Options(sentinel);
        (options.CommandTimeout, options.HoldDeadline) = (TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(400));

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        Assert.Equal(ConvoyRedisFault.NoMaster, fault.Fault);
        Assert.Contains($"Sentinel {sentinel.Endpoint} knows the master 'mymaster', but announces an empty host.", fault.Message, StringComparison.Ordinal);
        Assert.Contains("resolve-hostnames", fault.Message, StringComparison.Ordinal);
    }

    private static ConvoyRedisOptions Options(ScriptedSentinel sentinel) => new()
    {
        Scheme = "redis-sentinel",
        Host = $"{sentinel.Endpoint}",
        MasterName = ScriptedSentinel.MasterName,
    };

    private static LoggerFactory Factory(FakeLogCollector logs) => new([new FakeLoggerProvider(logs)], new LoggerFilterOptions { MinLevel = LogLevel.Debug });
}
