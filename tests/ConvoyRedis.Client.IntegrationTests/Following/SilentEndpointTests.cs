using System.Diagnostics;
using ConvoyRedis.Testing;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>The node of a fixed endpoint no longer answers, and says nothing: an availability zone that is gone sends no reset.</summary>
public sealed class SilentEndpointTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true)]
    public async Task NodeHangs_NameMoves_IsWrittenToAtTheOtherNode(bool isRoleRefused, bool isTls, bool isWatched = true)
    {
        string[] configuration = isRoleRefused ? ["rename-command ROLE \"\"", "rename-command INFO \"\""] : [];
        var tls = isTls ? new TlsSettings() : null;
        await using var one = await StandaloneRedis.StartAsync(new StandaloneOptions { Tls = tls, Configuration = configuration }, Token);
        await using var two = await StandaloneRedis.StartAsync(new StandaloneOptions { Tls = tls, Configuration = configuration, Beside = one }, Token);
        await using var proxy = TcpProxy.Start(one.Server.Host, one.Server.Port);
        var options = one.Options();
        (options.Host, options.Port) = (proxy.Host, proxy.Port);

        // Each server has an authority of its own.
        options.TlsSkipVerify = isTls;
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync("key", "before");

        // Without a connection of its own, the monitor meets the other node at the address.
        await Eventually.TrueAsync(() => proxy.ConnectionCount >= 2 || !isWatched, Token);

        await one.Server.HangAsync();
        await Task.Delay(Client.Connection.RoleMonitor.Period * 2, Token);
        proxy.Retarget(two.Server.Host, two.Server.Port);
        var moved = Stopwatch.GetTimestamp();
        await database.WithRetry().StringSetAsync("key", "after");

        TestContext.Current.TestOutputHelper!.WriteLine($"{Stopwatch.GetElapsedTime(moved).TotalMilliseconds:0} ms");
        Assert.True(Stopwatch.GetElapsedTime(moved) < Bound);
        Assert.Equal("after", (await two.Server.ExecuteAsync("GET", "key")).Text);
    }

    [Fact]
    public async Task NodeIsSlow_NobodyElseAnswers_NothingIsCut()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(redis.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var isCut = false;
        multiplexer.ConnectionFailed += (_, _) => isCut = true;
        await multiplexer.GetDatabase().PingAsync();
        await Task.Delay(Client.Connection.RoleMonitor.Period * 2, Token);

        await redis.Server.HangAsync();
        var writing = multiplexer.GetDatabase().StringSetAsync("key", "value");
        await Task.Delay(Client.Connection.RoleMonitor.Period * 4, Token);
        await redis.Server.ResumeAsync();

        Assert.True(await writing);
        Assert.False(isCut);
    }
}
