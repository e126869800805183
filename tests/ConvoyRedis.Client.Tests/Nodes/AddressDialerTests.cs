using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;

namespace ConvoyRedis.Client.Tests.Nodes;

/// <summary>A name with several addresses, of which not every one leads to a server.</summary>
public sealed class AddressDialerTests
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly IPAddress Other = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Third = IPAddress.Parse("127.0.0.3");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DialAsync_FirstAddressRefuses_ConnectsToTheNext(bool isSentinel)
    {
        await using var peer = StartNode();

        using var transport = await DialAsync(peer.Endpoint.Port, isSentinel, [IPAddress.IPv6Loopback, Other, IPAddress.Loopback]);

        Assert.Equal(peer.Endpoint, transport.Address);
    }

    // The clock stands still but for the two delays.
    [Theory]
    [InlineData(2000, 250)]
    [InlineData(300, 75)]
    public async Task DialAsync_FirstAddressesDoNotAnswer_ConnectsWithinConnectTimeout(int timeoutMilliseconds, int delayMilliseconds)
    {
        var (clock, delay) = (new WatchedClock(), TimeSpan.FromMilliseconds(delayMilliseconds));
        await using var peer = StartNode();
        using var hole = new BlackHole(Other, peer.Endpoint.Port);
        using var another = new BlackHole(Third, peer.Endpoint.Port);

        var dialing = DialAsync(
            peer.Endpoint.Port, isSentinel: false, [Other, Third, IPAddress.Loopback], TimeSpan.FromMilliseconds(timeoutMilliseconds), clock);
        for (var unanswered = 1; unanswered <= 2; unanswered++)
        {
            await clock.WaitedForAsync(delay);
            clock.Advance(delay);
        }

        using var transport = await dialing;
        Assert.Equal(peer.Endpoint, transport.Address);
    }

    // A process that hangs, or a listener whose process is gone, still accepts connections.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DialAsync_FirstAddressAcceptsAndDoesNotAnswer_ConnectsToTheNext(bool isSentinel)
    {
        await using var peer = StartNode();
        await using var hung = ScriptedPeer.Start(_ => null, Other, peer.Endpoint.Port);
        await using var closing = ScriptedPeer.Start(_ => ScriptedPeer.Close, Third, peer.Endpoint.Port);

        using var transport = await DialAsync(peer.Endpoint.Port, isSentinel, [Other, Third, IPAddress.Loopback]);

        Assert.Equal(peer.Endpoint, transport.Address);
        await hung.ConnectedAsync(0);
    }

    [Fact]
    public async Task DialAsync_OnlyAddressAcceptsAndDoesNotAnswer_SaysSo()
    {
        await using var hung = ScriptedPeer.Start(_ => null, Other);
        using var hole = new BlackHole(Third, hung.Endpoint.Port);

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(
            () => DialAsync(hung.Endpoint.Port, isSentinel: false, [Other, Third], TimeSpan.FromMilliseconds(500)));

        Assert.Contains("accepted the connection but did not answer within 500 ms (connect_timeout)", fault.Message, StringComparison.Ordinal);
    }

    // The second address must not be asked to refuse the same password again.
    [Fact]
    public async Task DialAsync_FirstAddressRefusesTheLogin_OthersAreNotDialled()
    {
        await using var first = ScriptedPeer.Start(_ => Resp.Error("WRONGPASS invalid username-password pair or user is disabled."));
        await using var second = StartNode(Other, first.Endpoint.Port);

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => DialAsync(first.Endpoint.Port, isSentinel: false, [IPAddress.Loopback, Other]));

        Assert.Equal(ConvoyRedisFault.Authentication, fault.Fault);
        Assert.Equal(0, second.Accepted);
    }

    [Fact]
    public async Task DialAsync_OneFamilyDoesNotAnswer_OtherFamilyIsTriedSecond()
    {
        await using var peer = StartNode(IPAddress.IPv6Loopback);
        using var hole = new BlackHole(Other, peer.Endpoint.Port);
        using var another = new BlackHole(Third, peer.Endpoint.Port);
        var began = Stopwatch.GetTimestamp();

        using var transport = await DialAsync(
            peer.Endpoint.Port, isSentinel: false, [Other, Third, IPAddress.IPv6Loopback], TimeSpan.FromMinutes(1));

        Assert.Equal(peer.Endpoint, transport.Address);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task DialAsync_FirstAddressAnswers_OthersAreNotDialled()
    {
        await using var first = StartNode();
        await using var second = StartNode(Other, first.Endpoint.Port);

        using (var transport = await DialAsync(first.Endpoint.Port, isSentinel: false, [IPAddress.Loopback, Other]))
            Assert.Equal(first.Endpoint, transport.Address);

        Assert.Equal(0, second.Accepted);
    }

    [Fact]
    public async Task DialAsync_AllAddressesRefuse_NamesEach()
    {
        int port;
        await using (var peer = StartNode())
            port = peer.Endpoint.Port;

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => DialAsync(port, isSentinel: false, [Other, IPAddress.Loopback]));

        Assert.Equal(ConvoyRedisFault.Unreachable, fault.Fault);
        Assert.All([$"redis.test:{port}: ", "127.0.0.2: Connection refused", "127.0.0.1: Connection refused"], part => Assert.Contains(part, fault.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task DialAsync_NoAddressAnswers_SaysSoOfEachAfterConnectTimeout()
    {
        int port;
        await using (var peer = StartNode())
            port = peer.Endpoint.Port;
        using var hole = new BlackHole(Other, port);

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(
            () => DialAsync(port, isSentinel: false, [Other, IPAddress.Loopback], TimeSpan.FromMilliseconds(500)));

        Assert.All(["was not reached within 500 ms", "127.0.0.2: no answer", "127.0.0.1: Connection refused"],
            part => Assert.Contains(part, fault.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task DialAsync_ResolverHangs_EndsWithConnectTimeout()
    {
        var access = Access(isSentinel: false, TimeSpan.FromMilliseconds(200), (_, _) => new TaskCompletionSource<IPAddress[]>().Task);

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => new NodeDialer(access).DialAsync(new("redis.test", 1), Token));

        Assert.Contains("redis.test:1 was not resolved within 200 ms", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DialAsync_CancelledWhileTheResolverHangs_EndsAtOnce()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var access = Access(isSentinel: false, TimeSpan.FromMinutes(1), (_, _) => new TaskCompletionSource<IPAddress[]>().Task);
        var dialing = new NodeDialer(access).DialAsync(new("redis.test", 1), cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialing.WaitAsync(TimeSpan.FromSeconds(5), Token));
    }

    [Theory]
    [InlineData("redis.test", 70_000)]
    [InlineData("redis.test", -1)]
    public async Task DialAsync_NoSuchPort_IsUnreachable(string host, int port)
    {
        var access = Access(isSentinel: true, ConnectTimeout, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => new NodeDialer(access).DialAsync(new(host, port), Token));

        Assert.Equal(ConvoyRedisFault.Unreachable, fault.Fault);
    }

    [Fact]
    public async Task DialAsync_NameWithoutAddress_IsUnreachable()
    {
        var access = Access(isSentinel: false, ConnectTimeout, (_, _) => Task.FromResult<IPAddress[]>([]));

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => new NodeDialer(access).DialAsync(new("redis.test", 1), Token));

        Assert.IsType<SocketException>(fault.InnerException);
    }

    private static ScriptedPeer StartNode(IPAddress? address = null, int port = 0) =>
        ScriptedPeer.Start(command => command[0] == "ROLE" ? Resp.Array(Resp.Bulk("master"), Resp.Number(0), Resp.Array()) : Resp.Pong, address, port);

    private static async Task<NodeTransport> DialAsync(int port, bool isSentinel, IPAddress[] addresses, TimeSpan? connectTimeout = null, TimeProvider? time = null) =>
        await new NodeDialer(Access(isSentinel, connectTimeout ?? ConnectTimeout, (_, _) => Task.FromResult(addresses), time)).DialAsync(new("redis.test", port), Token);

    private static NodeAccess Access(
        bool isSentinel, TimeSpan connectTimeout, Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider? time = null)
    {
        var target = new ConvoyRedisOptions { Host = "redis.test:1", ConnectTimeout = connectTimeout }.Resolve();
        return isSentinel ? NodeAccess.ToSentinels(target, null, resolve, time) : NodeAccess.ToData(target, null, resolve, time);
    }
}
