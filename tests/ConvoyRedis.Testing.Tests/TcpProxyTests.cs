using ConvoyRedis.Client;
using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Testing.Tests;

public sealed class TcpProxyTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CutFreezeRestoreRetarget_DoWhatTheySay()
    {
        await using var one = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var two = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var proxy = TcpProxy.Start(one.Server.Host, one.Server.Port);
        var target = new ConvoyRedisOptions { Host = $"{proxy.Host}:{proxy.Port}" }.Resolve();
        var dialer = new NodeDialer(NodeAccess.ToData(target, null));

        using var first = await dialer.DialAsync(target.Endpoints[0], Token);
        Assert.Equal(1, proxy.ConnectionCount);

        proxy.Freeze();
        var answer = first.Resp.ExecuteAsync(["PING"], Token);
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(Moment, Token));
        proxy.Restore();
        Assert.Equal("PONG", (await answer).Text);

        proxy.Retarget(two.Server.Host, two.Server.Port);
        using var second = await dialer.DialAsync(target.Endpoints[0], Token);
        Assert.Equal($"{one.Server.Port}", await PortAsync(first));
        Assert.Equal($"{two.Server.Port}", await PortAsync(second));

        proxy.Cut();
        await Assert.ThrowsAnyAsync<IOException>(() => second.Resp.ExecuteAsync(["PING"], Token));
        await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => dialer.DialAsync(target.Endpoints[0], Token));
        proxy.Restore();
        using var third = await dialer.DialAsync(target.Endpoints[0], Token);
        Assert.Equal($"{two.Server.Port}", await PortAsync(third));
    }

    private static async Task<string?> PortAsync(NodeTransport node) => (await node.Resp.ExecuteAsync(["CONFIG", "GET", "port"], Token))[1];
}
