using System.Diagnostics;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.DependencyInjection;

/// <summary>Whoever resolves the multiplexer while Redis is away waits, and nobody else does.</summary>
public sealed class ResolvingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// How the multiplexer is resolved: by itself, for a singleton, and for a scoped service of a scope or of the root. Alone, for its bound on time.
    /// </summary>
    [Theory(DisableParallelization = true)]
    [InlineData(typeof(IConnectionMultiplexer), false)]
    [InlineData(typeof(Queue), false)]
    [InlineData(typeof(ScopedQueue), false)]
    [InlineData(typeof(ScopedQueue), true)]
    public async Task GetRequiredService_WhileAnotherWaitsForTheMultiplexer_ReturnsSoon(Type awaited, bool ofScope)
    {
        await using var silent = ScriptedPeer.Start(_ => null);
        await using var provider = Services(silent.Endpoint, commandTimeout: TimeSpan.FromSeconds(30)).BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        await using var other = provider.CreateAsyncScope();
        var waiting = OnThread(() => (ofScope ? scope.ServiceProvider : provider).GetRequiredService(awaited));
        await Eventually.TrueAsync(() => silent.Accepted > 0, Token);

        Func<object>[] resolutions =
        [
            provider.GetRequiredService<Plain>,
            () => provider.GetRequiredKeyedService<Plain>("key"),
            provider.GetRequiredService<Disposable>,
            other.ServiceProvider.GetRequiredService<ScopedPlain>,
            provider.GetRequiredService<IConvoyRedisConnection>,
        ];
        await Task.WhenAll(resolutions.Select(OnThread)).WaitAsync(TimeSpan.FromSeconds(1), Token);

        Assert.False(waiting.IsCompleted);
        await provider.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
    }

    [Fact]
    public async Task GetRequiredService_ManyWaitInVain_FailTogether()
    {
        await using var silent = ScriptedPeer.Start(_ => null);
        await using var provider = Services(silent.Endpoint, commandTimeout: TimeSpan.FromSeconds(2)).BuildServiceProvider();

        var began = Stopwatch.GetTimestamp();
        var waiting = Enumerable.Range(0, 5).Select(_ => OnThread(provider.GetRequiredService<IConnectionMultiplexer>)).ToList();
        foreach (var wait in waiting)
            await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => wait);

        // One after the other they would take 10 s.
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task GetRequiredService_AfterWaitingInVain_FindsTheMultiplexerOnceItIsConnected()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await redis.Server.HangAsync();
        await using var provider = Services(new ConvoyRedisEndpoint(redis.Server.Host, redis.Server.Port), TimeSpan.FromSeconds(1)).BuildServiceProvider();
        await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => OnThread(provider.GetRequiredService<IConnectionMultiplexer>));

        await redis.Server.ResumeAsync();
        await Eventually.TrueAsync(() => provider.GetRequiredService<IConvoyRedisConnection>().Master is not null, Token);

        Assert.True(provider.GetRequiredService<IConnectionMultiplexer>().IsConnected);
    }

    [Fact]
    public async Task GetRequiredService_OnManyThreadsAndScopes_IsOneInstanceThatLivesAsLongAsTheContainer()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var provider = Services(new ConvoyRedisEndpoint(redis.Server.Host, redis.Server.Port), TimeSpan.FromSeconds(5)).BuildServiceProvider();

        var resolved = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OnThread(() =>
        {
            using var scope = provider.CreateScope();
            return scope.ServiceProvider.GetRequiredService<ScopedQueue>().Redis;
        })));

        var multiplexer = Assert.Single(resolved.Distinct());
        Assert.Same(multiplexer, await provider.GetRequiredService<IConvoyRedisConnection>().GetMultiplexerAsync(Token));
        Assert.True(multiplexer.IsConnected);
        await provider.DisposeAsync();
        Assert.False(multiplexer.IsConnected);
    }

    private static ServiceCollection Services(ConvoyRedisEndpoint node, TimeSpan commandTimeout)
    {
        var services = new ServiceCollection();
        services.AddConvoyRedis(Deployment.Sources(new Dictionary<string, string>()), options =>
            (options.Host, options.Port, options.CommandTimeout) = (node.Host, node.Port, commandTimeout));
        services.AddSingleton<Queue>().AddScoped<ScopedQueue>();
        services.AddSingleton<Plain>().AddKeyedSingleton<Plain>("key").AddSingleton<Disposable>().AddScoped<ScopedPlain>();
        return services;
    }

    private static Task<T> OnThread<T>(Func<T> resolve) => Task.Factory.StartNew(resolve, Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private sealed record Queue(IConnectionMultiplexer Redis);

    private sealed record ScopedQueue(IConnectionMultiplexer Redis);

    private sealed class Plain;

    private sealed class ScopedPlain;

    private sealed class Disposable : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
