using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.SequentialTests.Following;

/// <summary>A sentinel that takes connections and says nothing holds nobody up.</summary>
public sealed class HungSentinelTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(250);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task FirstWrite_OneSentinelHung_IsAcknowledgedWithinTheBound(int hung)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await topology.Sentinels[hung].HangAsync();

        await Median.AssertBelowAsync(Bound, async () =>
        {
            var asked = Stopwatch.GetTimestamp();
            await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
            Assert.True(await (await connection.GetMultiplexerAsync(Token)).GetDatabase().StringSetAsync("key", "value"));
            return Stopwatch.GetElapsedTime(asked);
        });
    }

    [Fact]
    public async Task Failover_OneSentinelHung_IsFollowed()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await topology.Sentinels[2].HangAsync();
        await using var observer = await PromotionObserver.StartAsync(topology, Token);

        await (await topology.GetMasterAsync(Token)).KillAsync();
        var promotion = await observer.WaitForPromotionAsync(Token);
        await database.StringSetAsync("key", "value");

        Assert.Equal("value", (await promotion.Node.ExecuteAsync("GET", "key")).Text);
    }
}
