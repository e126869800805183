using System.Diagnostics;
using ConvoyRedis.Testing;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>What else goes wrong around a failover: sentinels and nodes that come, go and lie.</summary>
public sealed class SituationTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MasterAndOneSentinel_DieTogether_IsFollowed()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await using var observer = await PromotionObserver.StartAsync(topology, Token);

        await Task.WhenAll((await topology.GetMasterAsync(Token)).KillAsync(), topology.Sentinels[0].KillAsync());
        var promotion = await observer.WaitForPromotionAsync(Token);
        await database.StringSetAsync("key", "value");

        Assert.Equal("value", (await promotion.Node.ExecuteAsync("GET", "key")).Text);
    }

    [Fact]
    public async Task AllSentinelLinks_CutDuringAFailover_IsFoundOutAfterwards()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var proxies = topology.Sentinels.Select(sentinel => TcpProxy.Start(sentinel.Host, sentinel.Port)).ToList();
        var options = topology.Options();
        options.Host = string.Join(',', proxies.Select(proxy => $"{proxy.Host}:{proxy.Port}"));

        // Otherwise the first that is cut may be found under the address that the next one still names.
        options.AddressMap = string.Join(',', topology.Sentinels.Zip(proxies, (sentinel, proxy) => $"{sentinel.Address}={proxy.Host}:{proxy.Port}"));
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        var old = connection.Master;

        proxies.ForEach(proxy => proxy.Cut());
        await using var observer = await PromotionObserver.StartAsync(topology, Token);
        await topology.FailoverAsync(Token);
        var promotion = await observer.WaitForPromotionAsync(Token);
        await Eventually.TrueAsync(async () => await topology.GetMasterAsync(Token) == promotion.Node, Token);
        Assert.Equal(old, connection.Master);
        proxies.ForEach(proxy => proxy.Restore());

        await Eventually.TrueAsync(() => connection.Master?.Port == promotion.Node.Port, Token);

        // A command that is sent in the instant of the move is lost with the old master's stream, and sent again.
        await database.WithRetry().StringSetAsync("key", "value");
        Assert.Equal("value", (await promotion.Node.ExecuteAsync("GET", "key")).Text);
        foreach (var proxy in proxies)
            await proxy.DisposeAsync();
    }

    [Fact]
    public async Task AllSentinels_Die_TheMasterIsKeptAndTheyAreFoundAgain()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        await Task.WhenAll(topology.Sentinels.Select(sentinel => sentinel.KillAsync()));
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(3))
            await database.StringSetAsync("key", "without sentinels");
        await Task.WhenAll(topology.Sentinels.Select(sentinel => sentinel.RestartAsync(Token)));
        await topology.WaitUntilSettledAsync(Token);

        await using var observer = await PromotionObserver.StartAsync(topology, Token);
        await (await topology.GetMasterAsync(Token)).KillAsync();
        var promotion = await observer.WaitForPromotionAsync(Token);
        await database.StringSetAsync("key", "with them");
        Assert.Equal("with them", (await promotion.Node.ExecuteAsync("GET", "key")).Text);
    }

    [Fact]
    public async Task AllSentinels_DieAndAllButOneComeBackElsewhere_AreFound()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await Task.WhenAll(topology.Sentinels.Select(sentinel => sentinel.KillAsync()));
        await topology.Sentinels[0].RestartAsync(Token);
        for (var others = 0; others < 2; others++)
        {
            var successor = await topology.AddSentinelAsync(Token);
            await Eventually.TrueAsync(async () => (await successor.ExecuteAsync("CLIENT", "LIST")).Text!.Split(' ').Any(IsSubscribed), Token);
        }

        // The majority of the five that they know of.
        await using var observer = await PromotionObserver.StartAsync(topology, Token);
        await (await topology.GetMasterAsync(Token)).KillAsync();
        var promotion = await observer.WaitForPromotionAsync(Token);
        await database.StringSetAsync("key", "value");

        Assert.Equal("value", (await promotion.Node.ExecuteAsync("GET", "key")).Text);
    }

    [Fact]
    public async Task Sentinels_ReplacedByOthers_AreFoundAndListenedTo()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        var configured = topology.Sentinels.ToList();
        foreach (var sentinel in configured)
        {
            var successor = await topology.AddSentinelAsync(Token);
            await Eventually.TrueAsync(async () => (await successor.ExecuteAsync("CLIENT", "LIST")).Text!.Split(' ').Any(IsSubscribed), Token);
            await sentinel.KillAsync();
        }

        // Those that are gone still count for the majority until they are forgotten.
        await topology.HastenAsync(async () =>
        {
            foreach (var sentinel in topology.Sentinels.Except(configured))
                await sentinel.ExecuteAsync("SENTINEL", "RESET", "*");
            foreach (var sentinel in topology.Sentinels.Except(configured))
                await Eventually.TrueAsync(async () => await KnowsAsync(sentinel, otherSentinels: "2", replicas: "2"), Token);
        }, Token);
        await using var observer = await PromotionObserver.StartAsync(topology, Token);
        await (await topology.GetMasterAsync(Token)).KillAsync();
        var promotion = await observer.WaitForPromotionAsync(Token);
        await database.StringSetAsync("key", "value");

        Assert.Equal("value", (await promotion.Node.ExecuteAsync("GET", "key")).Text);
    }

    [Fact]
    public async Task NoReplica_CanBePromoted_WaitsUntilOneAppears()
    {
        await using var topology = await SentinelTopology.StartAsync(
            new SentinelOptions { FailoverTimeout = TimeSpan.FromSeconds(2) }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        var master = await topology.GetMasterAsync(Token);
        var replicas = topology.Nodes.Where(node => node != master).ToList();

        await Task.WhenAll(replicas.Select(replica => replica.KillAsync()));
        await master.KillAsync();
        await Eventually.TrueAsync(() => topology.Sentinels.Any(
            sentinel => sentinel.ReadLog().Contains("-failover-abort-no-good-slave", StringComparison.Ordinal)), Token);
        var waiting = database.StringSetAsync("key", "value");
        await replicas[0].RestartAsync(Token);

        await waiting.WaitAsync(Bound, Token);
        Assert.Equal("value", (await replicas[0].ExecuteAsync("GET", "key")).Text);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("::1")]
    public async Task AnnouncedAsNamesOrIPv6_IsFollowed(string host)
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { Host = host, Tls = new TlsSettings() }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        Assert.Equal(host, connection.Master!.Value.Host);
        await using var observer = await PromotionObserver.StartAsync(topology, Token);

        await (await topology.GetMasterAsync(Token)).KillAsync();
        var promotion = await observer.WaitForPromotionAsync(Token);
        await database.StringSetAsync("key", "value");

        Assert.Equal("value", (await promotion.Node.ExecuteAsync("GET", "key")).Text);
        Assert.Equal(new ConvoyRedisEndpoint(host, promotion.Node.Port), connection.Master);
    }

    [Fact]
    public async Task AnnouncedAddresses_NotReachableFromHere_AreMapped()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var proxies = topology.Nodes.Select(node => TcpProxy.Start(node.Host, node.Port)).ToList();
        var options = topology.Options();
        options.AddressMap = string.Join(',', topology.Nodes.Zip(proxies, (node, proxy) => $"{node.Address}={proxy.Host}:{proxy.Port}"));
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await using var observer = await PromotionObserver.StartAsync(topology, Token);

        Assert.True(proxies[0].ConnectionCount > 0);
        await (await topology.GetMasterAsync(Token)).KillAsync();
        var promotion = await observer.WaitForPromotionAsync(Token);
        await database.StringSetAsync("key", "value");

        Assert.Equal("value", (await promotion.Node.ExecuteAsync("GET", "key")).Text);
        Assert.True(proxies[topology.Nodes.ToList().IndexOf(promotion.Node)].ConnectionCount > 0);
        foreach (var proxy in proxies)
            await proxy.DisposeAsync();
    }

    [Theory]
    [InlineData(MasterFault.Kill)]
    [InlineData(MasterFault.Hang)]
    [InlineData(MasterFault.Planned)]
    public async Task Subscribers_AcrossAFailover_AreSubscribedAgain(MasterFault fault)
    {
        await using var topology = await SentinelTopology.StartAsync(
            new SentinelOptions { NodeConfiguration = ["notify-keyspace-events KEA"] }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var (messages, events) = (0, 0);
        await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("news"), (_, _) => Interlocked.Increment(ref messages));
        await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Pattern("__keyspace@0__:*"), (_, _) => Interlocked.Increment(ref events));
        await using var observer = await PromotionObserver.StartAsync(topology, Token);

        await topology.CauseAsync(fault, Token);
        var promotion = await observer.WaitForPromotionAsync(Token);
        await Eventually.TrueAsync(() => connection.Master?.Port == promotion.Node.Port, Token);

        // Published and written on the new master itself, so that whoever hears it is subscribed there.
        (messages, events) = (0, 0);
        await Eventually.TrueAsync(async () =>
        {
            await promotion.Node.ExecuteAsync("PUBLISH", "news", "x");
            await promotion.Node.ExecuteAsync("SET", "key", "x");
            return Volatile.Read(ref messages) > 0 && Volatile.Read(ref events) > 0;
        }, Token);
    }

    private static async Task<bool> KnowsAsync(RedisServer sentinel, string otherSentinels, string replicas)
    {
        var view = await sentinel.ExecuteAsync("SENTINEL", "MASTER", "convoy-redis");
        return (view.Field("num-other-sentinels"), view.Field("num-slaves")) == (otherSentinels, replicas);
    }

    // Nobody but clients subscribes at a sentinel.
    private static bool IsSubscribed(string field) => field.StartsWith("sub=", StringComparison.Ordinal) && field != "sub=0";
}
