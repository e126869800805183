using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Connecting;

/// <summary>ConnectAsync returns within command_timeout, and soon after its token is cancelled, also while sentinels name a node that is a replica.</summary>
public sealed class BoundTests
{
    private const string Name = "ours";

    /// <summary>Disposal has a grace of half a second; the rest is for a machine with other work.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectAsync_SentinelsNameAReplica_EndsWithinCommandTimeoutAndWithItsToken()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { Password = null }, Token);
        var replica = topology.Nodes[1];
        foreach (var sentinel in topology.Sentinels)
            await sentinel.ExecuteAsync("SENTINEL", "MONITOR", Name, replica.Host, $"{replica.Port}", "2");

        foreach (var timeout in (TimeSpan[])[TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(6)])
        {
            var options = topology.Options();
            (options.MasterName, options.CommandTimeout, options.HoldDeadline) = (Name, timeout, timeout / 4);
            var began = Stopwatch.GetTimestamp();
            var refused = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));
            TestContext.Current.TestOutputHelper?.WriteLine($"{timeout}: {Stopwatch.GetElapsedTime(began)} {refused.Message}");
            Assert.InRange(Stopwatch.GetElapsedTime(began), timeout - TimeSpan.FromMilliseconds(100), timeout + Slack);
            Assert.Contains($"{replica.Address} is a replica", refused.Message, StringComparison.Ordinal);

            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            began = Stopwatch.GetTimestamp();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ConvoyRedisConnection.ConnectAsync(options, cancellation.Token));
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromMilliseconds(500) + Slack);
        }
    }
}
