using System.Diagnostics;
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
        await Eventually.TrueAsync(() => proxy.ConnectionCount == 2, Token);

        var frozen = Stopwatch.GetTimestamp();
        proxy.Freeze();
        await Eventually.TrueAsync(() => Logged(logs, $"Sentinel {proxy.Host}:{proxy.Port} is not linked"), Token);
        Assert.True(Stopwatch.GetElapsedTime(frozen) < TimeSpan.FromSeconds(3), $"It took {Stopwatch.GetElapsedTime(frozen).TotalMilliseconds:F0} ms.");

        proxy.DropConnections();
        proxy.Restore();
        await Eventually.TrueAsync(() => proxy.ConnectionCount == 2, Token);
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
            && entry.Message.StartsWith($"Sentinel {topology.Sentinels[0].Address} lets us not subscribe", StringComparison.Ordinal));
        Assert.Contains("sentinel_username (CONVOY_REDIS_SENTINEL_USERNAME)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SeveralMasters_OnTheSameSentinels_AreFollowedEachByItself()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var other = await StandaloneRedis.StartAsync(new StandaloneOptions { Password = null }, Token);
        await using var successor = await StandaloneRedis.StartAsync(new StandaloneOptions { Password = null }, Token);
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
    public async Task SentinelInTilt_WithStaleState_IsNotFollowedBack()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync("key", "before");
        var (stale, old) = (topology.Sentinels[2], connection.Master!.Value);

        // It misses the failover, comes back alone, and notices that its clock jumped.
        stale.Hang();
        await topology.FailoverAsync(Token);
        await Eventually.TrueAsync(() => connection.Master != old && connection.Phase == ConvoyRedisPhase.Following && connection.Epoch > 0, Token);
        var (master, epoch) = (connection.Master, connection.Epoch);
        await Task.WhenAll(topology.Sentinels[0].KillAsync(), topology.Sentinels[1].KillAsync());
        stale.Resume();
        await Eventually.TrueAsync(async () => (await stale.ExecuteAsync("INFO", "sentinel")).Text!.Contains("sentinel_tilt:1", StringComparison.Ordinal), Token);
        Assert.Equal($"{old.Port}", (await stale.ExecuteAsync("SENTINEL", "GET-MASTER-ADDR-BY-NAME", topology.Options.MasterName)).Items[1].Text);

        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(4))
        {
            await database.StringSetAsync("key", "after");
            Assert.Equal((master, epoch), (connection.Master, connection.Epoch));
            await Task.Delay(20, Token);
        }
    }

    private static LoggerFactory Factory(FakeLogCollector logs) => new([new FakeLoggerProvider(logs)], new LoggerFilterOptions { MinLevel = LogLevel.Debug });

    private static bool Logged(FakeLogCollector logs, string start) =>
        logs.GetSnapshot().Any(entry => entry.Message.StartsWith(start, StringComparison.Ordinal));
}
