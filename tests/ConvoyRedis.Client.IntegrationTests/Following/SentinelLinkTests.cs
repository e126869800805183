using System.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.IntegrationTests.Traces;
using ConvoyRedis.Client.Tests.Failover.Traces;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>Sentinels that are hard to hear: half-open links, users without rights, other masters beside ours, a clock that jumped.</summary>
public sealed class SentinelLinkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Link_HalfOpen_IsFoundWithin3SecondsAndMadeAgain()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var proxy = TcpProxy.Start(topology.Sentinels[0].Host, topology.Sentinels[0].Port);
        var options = topology.Options();
        (options.Host, options.AddressMap) = ($"{proxy.Host}:{proxy.Port}", $"{topology.Sentinels[0].Address}={proxy.Host}:{proxy.Port}");
        var logs = new FakeLogCollector();
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Factory(logs), Token);
        await Eventually.TrueAsync(() => proxy.ConnectionCount == 1, Token);

        var frozen = Stopwatch.GetTimestamp();
        proxy.Freeze();
        await Eventually.TrueAsync(() => Logged(logs, $"Lost sentinel {proxy.Host}:{proxy.Port}"), Token);
        Assert.True(Stopwatch.GetElapsedTime(frozen) < TimeSpan.FromSeconds(3), $"It took {Stopwatch.GetElapsedTime(frozen).TotalMilliseconds:F0} ms.");

        proxy.DropConnections();
        proxy.Restore();
        await Eventually.TrueAsync(() => proxy.ConnectionCount == 1, Token);
    }

    [Fact]
    public async Task Link_UserMayNotSubscribe_IsPolledAndSaysWhatToLookAt()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        foreach (var sentinel in topology.Sentinels)
            await sentinel.ExecuteAsync("ACL", "SETUSER", "reader", "on", ">s3cret", "~*", "&*", "+@all", "-subscribe");
        var options = topology.Options();
        (options.SentinelUsername, options.SentinelPassword) = ("reader", "s3cret");
        var logs = new FakeLogCollector();
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Factory(logs), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await using var observer = await PromotionObserver.StartAsync(topology, Token);

        await (await topology.GetMasterAsync(Token)).KillAsync();
        var promotion = await observer.WaitForPromotionAsync(Token);
        await database.StringSetAsync("key", "value");

        Assert.Equal("value", (await promotion.Node.ExecuteAsync("GET", "key")).Text);
        var error = Assert.Single(logs.GetSnapshot(), entry => entry.Level == LogLevel.Error
            && entry.Message.StartsWith($"Sentinel {topology.Sentinels[0].Address} does not allow this user to subscribe", StringComparison.Ordinal));
        Assert.Contains("sentinel_username (CONVOY_REDIS_SENTINEL_USERNAME)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SeveralMasters_OnTheSameSentinels_AreFollowedEachByItself()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var other = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = topology }, Token);
        await using var successor = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = topology }, Token);
        await successor.Server.ExecuteAsync("REPLICAOF", other.Server.Host, $"{other.Server.Port}");
        await Eventually.TrueAsync(async () => await successor.Server.GetInfoAsync("master_link_status", Token) == "up", Token);
        foreach (var sentinel in topology.Sentinels)
        {
            await sentinel.ExecuteAsync("SENTINEL", "MONITOR", "other", other.Server.Host, $"{other.Server.Port}", "2");
            await sentinel.ExecuteAsync("SENTINEL", "SET", "other", "down-after-milliseconds", "1000");
        }

        await using var ours = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var options = topology.Options();
        (options.MasterName, options.Password) = ("other", null);
        await using var theirs = await ConvoyRedisConnection.ConnectAsync(options, Token);
        await (await ours.GetMultiplexerAsync(Token)).GetDatabase().StringSetAsync("key", "ours");
        await (await theirs.GetMultiplexerAsync(Token)).GetDatabase().StringSetAsync("key", "theirs");
        var (before, isMoved) = (ours.Master, false);
        ours.MasterChanged += (_, _) => isMoved = true;
        await Eventually.TrueAsync(async () => !(await topology.Sentinels[0].ExecuteAsync("SENTINEL", "FAILOVER", "other")).IsError, Token);

        await Eventually.TrueAsync(() => theirs.Master?.Port == successor.Server.Port, Token);
        await (await theirs.GetMultiplexerAsync(Token)).GetDatabase().StringSetAsync("key", "moved");

        Assert.Equal("moved", (await successor.Server.ExecuteAsync("GET", "key")).Text);
        Assert.Equal("ours", await (await ours.GetMultiplexerAsync(Token)).GetDatabase().StringGetAsync("key"));
        Assert.Equal(before, ours.Master);
        Assert.False(isMoved);
    }

    [Fact]
    public async Task Sentinel_ResumedAfterAHang_IsKnownToBeInTilt()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var recorder = new TraceRecorder(topology, FailoverMode.Eager);
        var stopped = topology.Sentinels[2];

        // Its clock jumps by more than the 2 s that Sentinel bears.
        await stopped.HangAsync();
        await Task.Delay(TimeSpan.FromSeconds(3), Token);
        await stopped.ResumeAsync();
        await Eventually.TrueAsync(async () => (await stopped.ExecuteAsync("INFO", "sentinel")).Text!.Contains("sentinel_tilt:1", StringComparison.Ordinal), Token);
        await Task.Delay(TimeSpan.FromSeconds(3), Token);

        var answers = (await recorder.StopAsync()).Steps.Select(step => step.Observation).OfType<SentinelAnswered>().ToList();
        Assert.Contains(answers, answer => answer.IsInTilt && answer.Sentinel == FailoverTrace.Endpoint("s3"));
        Assert.DoesNotContain(answers, answer => answer.IsInTilt && answer.Sentinel != FailoverTrace.Endpoint("s3"));
    }

    private static LoggerFactory Factory(FakeLogCollector logs) => new([new FakeLoggerProvider(logs)], new LoggerFilterOptions { MinLevel = LogLevel.Debug });

    private static bool Logged(FakeLogCollector logs, string start) =>
        logs.GetSnapshot().Any(entry => entry.Message.StartsWith(start, StringComparison.Ordinal));
}
