using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.SequentialTests.Following;

/// <summary>How long a first connection takes where a sentinel is out of reach.</summary>
public sealed class FirstConnectionTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(250);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1:1")]
    [InlineData("there-is-no-such-host.invalid:26379")]
    [InlineData("192.0.2.1:26379")]
    public async Task FirstConnection_OneSentinelOutOfReach_IsAsFastAsWithAll(string sentinel)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var options = topology.Options();
        options.Host = $"{sentinel},{topology.Sentinels[1].Address},{topology.Sentinels[2].Address}";

        await Median.AssertBelowAsync(Bound, async () =>
        {
            var began = Stopwatch.GetTimestamp();
            await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
            await (await connection.GetMultiplexerAsync(Token)).GetDatabase().StringSetAsync("key", "value");
            return Stopwatch.GetElapsedTime(began);
        });
    }
}
