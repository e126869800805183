using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.SequentialTests.Following;

/// <summary>A service that starts while a failover is under way: it has heard nothing of it.</summary>
public sealed class StartInFailoverTests
{
    /// <summary>How long after the promotion, or after its start where that is later, it must have written.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="fault">The fault.</param>
    /// <param name="afterEvent">The event of a sentinel after which the service starts; null for at the fault.</param>
    [Theory]
    [InlineData(MasterFault.Kill, null)]
    [InlineData(MasterFault.Kill, "+failover-state-send-slaveof-noone")]
    [InlineData(MasterFault.Kill, "promotion")]
    [InlineData(MasterFault.Hang, null)]
    [InlineData(MasterFault.Hang, "+failover-state-send-slaveof-noone")]
    [InlineData(MasterFault.Hang, "promotion")]
    [InlineData(MasterFault.Planned, "+failover-state-send-slaveof-noone")]
    [InlineData(MasterFault.Planned, "promotion")]
    public Task Start_WhileAFailoverIsUnderWay_WritesToTheNewMasterAtOnce(MasterFault fault, string? afterEvent) =>
        Median.AssertBelowAtOnceAsync(Bound, () => StartAsync(fault, afterEvent));

    /// <returns>The time from the promotion, or from the start where that was later, until the first write on the new master was acknowledged.</returns>
    private static async Task<TimeSpan> StartAsync(MasterFault fault, string? afterEvent)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);

        // What is compiled for the first time is none of what is measured.
        await using (var warm = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token))
            await (await warm.GetMultiplexerAsync(Token)).GetDatabase().StringSetAsync("key", "before");
        await using var observer = await PromotionObserver.StartAsync(topology, Token);
        var promoted = observer.WaitForPromotionAsync(Token);
        await topology.CauseAsync(fault, Token);
        if (afterEvent == "promotion")
            await promoted;
        else if (afterEvent is not null)
            await Eventually.TrueAsync(() => topology.Sentinels.Any(sentinel => sentinel.ReadLog().Contains(afterEvent, StringComparison.Ordinal)), Token);

        var started = Stopwatch.GetTimestamp();
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        for (var number = 0; ; number++)
        {
            var key = $"starting:{number}";
            await ((Task)database.StringSetAsync(key, 1)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var written = Stopwatch.GetTimestamp();
            if (!promoted.IsCompleted)
                continue;
            var promotion = await promoted;
            if (written >= promotion.Timestamp && (await promotion.Node.ExecuteAsync("GET", key)).Text == "1")
                return Stopwatch.GetElapsedTime(Math.Max(started, promotion.Timestamp), written);
        }
    }
}
