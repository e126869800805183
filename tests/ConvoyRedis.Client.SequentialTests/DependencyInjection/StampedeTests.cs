using System.Diagnostics;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.DependencyInjection;

/// <summary>Those who wait for the connection block every thread of the pool, of which connecting needs some.</summary>
[Trait("Alone", "process")]
public sealed class StampedeTests
{
    // It takes some 0.3 s. The pool by itself grows by one or two threads a second.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    public static TheoryData<ConvoyRedisTopology> All => Topologies.All;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(All))]
    public Task GetRequiredService_OnAllThreadsOfThePool_ServesAllSoon(ConvoyRedisTopology kind) =>
        AssertSoonAsync(kind, callers: 100, provider => provider.GetRequiredService<IConnectionMultiplexer>());

    [Fact]
    public Task GetMultiplexerAsync_BlockedOnByAllThreadsOfThePool_ServesAllSoon() => AssertSoonAsync(
        ConvoyRedisTopology.Standalone, callers: 100, provider => provider.GetRequiredService<IConvoyRedisConnection>().GetMultiplexerAsync(Token).GetAwaiter().GetResult());

    [Fact]
    public Task StringSet_OnAllThreadsOfThePool_IsAnsweredSoon() => AssertSoonAsync(ConvoyRedisTopology.Sentinel, callers: 20, provider =>
    {
        var database = provider.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        for (var i = 0; i < 10; i++)
            database.StringSet("key", i);
    });

    [Fact]
    public async Task GetRequiredService_OnAllThreadsOfThePool_LeavesThePoolAsItWas()
    {
        await Eventually.TrueAsync(() => !PoolRelief.IsWatching, Token);
        var before = Minimum();
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var provider = new ServiceCollection().AddConvoyRedis(Deployment.Sources(redis.EnvironmentVariables)).Services.BuildServiceProvider();

        // Until the pool has been widened, nobody is served.
        await redis.Server.HangAsync();
        var served = Enumerable.Range(0, ThreadPool.ThreadCount + 100).Select(_ => Task.Run(provider.GetRequiredService<IConnectionMultiplexer>, Token)).ToList();
        await Eventually.TrueAsync(() => Minimum().Threads > before.Threads, Token);
        await redis.Server.ResumeAsync();
        await Task.WhenAll(served);

        await Eventually.TrueAsync(() => !PoolRelief.IsWatching, Token);
        Assert.Equal(before, Minimum());
    }

    private static async Task AssertSoonAsync(ConvoyRedisTopology kind, int callers, Action<IServiceProvider> call)
    {
        await using var topology = await Topologies.StartAsync(kind, null, null, Token);
        var services = new ServiceCollection();
        services.AddConvoyRedis(Deployment.Sources(topology.EnvironmentVariables));
        await using var provider = services.BuildServiceProvider();

        var began = Stopwatch.GetTimestamp();
        var served = await Task.WhenAll(Enumerable.Range(0, ThreadPool.ThreadCount + callers).Select(_ => Task.Run(
            () =>
            {
                call(provider);
                return Stopwatch.GetElapsedTime(began);
            }, Token)));

        TestContext.Current.TestOutputHelper?.WriteLine($"{served.Length} served after {served.Min().TotalMilliseconds:F0} to {served.Max().TotalMilliseconds:F0} ms");
        Assert.InRange(served.Max(), TimeSpan.Zero, Bound);
    }

    private static (int Threads, int Ports) Minimum()
    {
        ThreadPool.GetMinThreads(out var threads, out var ports);
        return (threads, ports);
    }
}
