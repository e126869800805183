using System.Diagnostics;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.Following;

/// <summary>Every node is down, for 60 s in the soak: no storm of connections, nothing piles up, and back at once when the first returns.</summary>
public sealed class LongOutageTests
{
    private const long MemoryGrowth = 32 * 1024 * 1024;

    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(Soak.Figure(inTest: 10, inSoak: 60));

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryNode_Down_NoStormAndBackWithinASecond()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var options = topology.Options();
        options.CommandTimeout = TimeSpan.FromSeconds(2);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync("key", "before");
        var master = await topology.GetMasterAsync(Token);
        var (streams, sockets) = (connection.LiveStreams, await OpenSockets.CountWhenSettledAsync(Token));
        var (timers, memory) = (Timer.ActiveCount, GC.GetTotalMemory(forceFullCollection: true));

        await Task.WhenAll(topology.Nodes.Select(node => node.KillAsync()));
        var began = Stopwatch.GetTimestamp();
        var most = 0;
        while (Stopwatch.GetElapsedTime(began) < Outage)
        {
            _ = database.StringSetAsync("key", "during").ContinueWith(failed => failed.Exception, TaskScheduler.Default);
            most = Math.Max(most, OpenSockets.Count());
            await Task.Delay(20, Token);
        }

        Assert.True(most <= sockets + 10, $"{most} sockets, {sockets} before.");
        var grown = GC.GetTotalMemory(forceFullCollection: true) - memory;
        Assert.True(grown < MemoryGrowth, $"{grown} bytes more.");

        await master.RestartAsync(Token);
        var returned = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(() => TryWriteAsync(database), Token);
        var took = Stopwatch.GetElapsedTime(returned);
        Assert.True(took < Bound, $"It took {took.TotalMilliseconds:F0} ms.");

        // Commands of the outage time out for another 2 s.
        await Eventually.TrueAsync(
            () => connection.LiveStreams == streams && OpenSockets.Count() <= sockets && Timer.ActiveCount <= timers + 8, Token);
        Soak.Report($"every node down for {Outage.TotalSeconds} s", $"writing {took.TotalMilliseconds:F0} ms after the first one's return; at most "
            + $"{most - sockets} sockets more than before meanwhile; streams, sockets and timers as before, {grown / 1024} KiB more memory");
    }

    private static async Task<bool> TryWriteAsync(IDatabase database)
    {
        try
        {
            return await database.StringSetAsync("key", "after");
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
    }
}
