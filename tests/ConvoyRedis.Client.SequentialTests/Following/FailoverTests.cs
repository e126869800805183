using System.Diagnostics;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.Following;

/// <summary>The three faults, on three nodes and three sentinels configured as in the guide, through AddConvoyRedis and variables alone.</summary>
public sealed class FailoverTests
{
    /// <summary>How long after the first instant at which the new master takes a write our own write must have been taken.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(100);

    /// <summary>The same for each single run: less than what the sentinels take to announce the new master.</summary>
    private static readonly TimeSpan Worst = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MasterFault.Kill)]
    [InlineData(MasterFault.Hang)]
    [InlineData(MasterFault.Planned)]
    public Task Write_MasterFails_IsTakenByTheNewMasterWithinTheBound(MasterFault fault) => Median.AssertBelowAtOnceAsync(Bound, () => FailOverAsync(fault));

    private static async Task<TimeSpan> FailOverAsync(MasterFault fault)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var logs = new FakeLogCollector();
        using var host = await Deployment.StartHostAsync(topology.EnvironmentVariables, logs, Token);
        var database = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        var connection = host.Services.GetRequiredService<IConvoyRedisConnection>();
        await using var observer = await PromotionObserver.StartAsync(topology, Token);
        await using var writer = await CountingWriter.StartAsync(database);

        await topology.CauseAsync(fault, Token);
        var promotion = await observer.WaitForPromotionAsync(Token);
        var lag = await LagAsync(writer, promotion);

        Assert.True(lag < Worst, $"The first write on the new master was acknowledged {lag.TotalMilliseconds:F1} ms after it could be, "
            + $"{writer.Failed.Count} failed, last: {writer.Failed.LastOrDefault()?.Message}\n{string.Join('\n', logs.GetSnapshot())}");
        Assert.All(writer.Failed, failure => Assert.IsType<RedisConnectionException>(failure));
        Assert.Equal(new ConvoyRedisEndpoint(promotion.Node.Host, promotion.Node.Port), connection.Master);
        Assert.Equal(ConvoyRedisPhase.Following, connection.Phase);
        return lag;
    }

    // A write that the new master took is one that it still has: asked there, and not over the connection under test.
    private static async Task<TimeSpan> LagAsync(CountingWriter writer, Promotion promotion)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        var looked = 0;
        while (true)
        {
            var next = writer.WaitForNextAsync(patience.Token);
            foreach (var (key, timestamp) in writer.Acknowledged.Skip(looked))
            {
                looked++;
                if (timestamp >= promotion.Timestamp && (await promotion.Node.ExecuteAsync("GET", key)).Text == "1")
                    return Stopwatch.GetElapsedTime(promotion.Timestamp, timestamp);
            }

            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (patience.IsCancellationRequested)
                return Patience;
        }
    }
}
