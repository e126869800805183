using ConvoyRedis.Testing;
using Medallion.Threading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Recipes;

/// <summary>The recipes of docs/recipes.md before and after a planned failover, and after a master's death; all on one deployment, which takes less time.</summary>
public sealed class RecipeFailoverTests
{
    private readonly List<IAsyncDisposable> _services = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Recipes_PlannedFailoverAndDeadMaster_GoOn()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        try
        {
            await FailOverUnderAllAsync(topology);
        }
        finally
        {
            foreach (var service in _services.AsEnumerable().Reverse())
                await service.DisposeAsync();
        }
    }

    private async Task FailOverUnderAllAsync(SentinelTopology topology)
    {
        Func<Task>[] recipes = [
            await DataProtectionAsync(topology), await CachesAsync(topology), Locks(topology), await SignalRAsync(topology), await BreakersAsync(topology)];
        async Task AllHoldAsync()
        {
            foreach (var holds in recipes)
                await holds();
        }

        await AllHoldAsync();
        var old = await topology.GetMasterAsync(Token);
        await topology.FailoverAsync(Token);
        await Eventually.TrueAsync(async () => await topology.GetMasterAsync(Token) != old, Token);
        await AllHoldAsync();
        await topology.WaitUntilSettledAsync(Token);
        old = await topology.GetMasterAsync(Token);
        await old.KillAsync();
        await Eventually.TrueAsync(async () => await topology.GetMasterAsync(Token) != old, Token);
        await AllHoldAsync();
    }

    // What one instance has protected, another one, which has just started, reads.
    private static async Task<Func<Task>> DataProtectionAsync(SentinelTopology topology)
    {
        string secret;
        await using (var first = Service(topology, services => services.AddDataProtectionOnRedis("app")))
            secret = first.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("cookies").Protect("who I am");
        return async () =>
        {
            await using var next = Service(topology, services => services.AddDataProtectionOnRedis("app"));
            Assert.Equal("who I am", next.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("cookies").Unprotect(secret));
        };
    }

    private async Task<Func<Task>> CachesAsync(SentinelTopology topology)
    {
        var app = Kept(Service(topology, services => services.AddCachesOnRedis("app")));
        app.UseOutputCache();
        var rendered = 0;
        app.MapGet("/page", () => $"rendered {Interlocked.Increment(ref rendered)}").CacheOutput();
        await app.StartAsync(Token);
        var (cache, hybrid) = (app.Services.GetRequiredService<IDistributedCache>(), app.Services.GetRequiredService<HybridCache>());
        await cache.SetStringAsync("greeting", "hello", Token);
        await hybrid.SetAsync("answer", 42, cancellationToken: Token);
        var page = new Uri($"{app.Urls.Single()}/page");
        return async () =>
        {
            using var http = new HttpClient();
            Assert.Equal("hello", await cache.GetStringAsync("greeting", Token));
            Assert.Equal("rendered 1", await http.GetStringAsync(page, Token));

            // As another instance, which has nothing in its own memory.
            await using var other = Service(topology, services => services.AddCachesOnRedis("app"));
            var options = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableLocalCache };
            Assert.Equal(42, await other.Services.GetRequiredService<HybridCache>()
                .GetOrCreateAsync("answer", _ => ValueTask.FromResult(-1), options, cancellationToken: Token));
        };
    }

    private Func<Task> Locks(SentinelTopology topology)
    {
        var one = Kept(Service(topology, services => services.AddLocksOnRedis()));
        var other = Kept(Service(topology, services => services.AddLocksOnRedis()));
        var (mine, yours) = (one.Services.GetRequiredService<IDistributedLockProvider>(), other.Services.GetRequiredService<IDistributedLockProvider>());
        return async () =>
        {
            await using (await mine.AcquireLockAsync("nightly", TimeSpan.FromSeconds(10), Token))
                Assert.Null(await yours.TryAcquireLockAsync("nightly", TimeSpan.Zero, Token));
            await using var taken = await yours.TryAcquireLockAsync("nightly", TimeSpan.FromSeconds(5), Token);
            Assert.NotNull(taken);
        };
    }

    // A message of one instance reaches the client of another. What is published while nobody is subscribed is lost: so it is said until it is heard.
    private async Task<Func<Task>> SignalRAsync(SentinelTopology topology)
    {
        var sender = Kept(Service(topology, services => services.AddSignalROnRedis("app")));
        var receiver = Kept(Service(topology, services => services.AddSignalROnRedis("app")));
        receiver.MapHub<News>("/news");
        await sender.StartAsync(Token);
        await receiver.StartAsync(Token);
        var client = Kept(new HubConnectionBuilder().WithUrl($"{receiver.Urls.Single()}/news").Build());
        var heard = new HashSet<string>();
        client.On<string>("headline", text =>
        {
            lock (heard)
                heard.Add(text);
        });
        await client.StartAsync(Token);
        var hub = sender.Services.GetRequiredService<IHubContext<News>>();
        var number = 0;
        return () =>
        {
            var text = $"headline {++number}";
            return Eventually.TrueAsync(async () =>
            {
                await hub.Clients.All.SendAsync("headline", text, Token);
                await Task.Delay(50, Token);
                lock (heard)
                    return heard.Contains(text);
            }, Token);
        };
    }

    // An open one stays open, seen from any instance, and failures that were counted stay counted: the last one opens the other breaker.
    private async Task<Func<Task>> BreakersAsync(SentinelTopology topology)
    {
        const int failures = 4;
        CircuitBreakers Instance() => new(
            Kept(Service(topology, _ => { })).Services.GetRequiredService<IConnectionMultiplexer>(), failures, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10));
        var (one, other) = (Instance(), Instance());
        for (var failure = 0; failure < failures; failure++)
            await one.FailedAsync("opened");
        var counted = 1;
        await one.FailedAsync("counting");
        return async () =>
        {
            Assert.True(await other.IsOpenAsync("opened"));
            await other.FailedAsync("counting");
            Assert.Equal(++counted == failures, await one.IsOpenAsync("counting"));
        };
    }

    private T Kept<T>(T disposable)
        where T : IAsyncDisposable
    {
        _services.Add(disposable);
        return disposable;
    }

    private static WebApplication Service(SentinelTopology topology, Action<IServiceCollection> configure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        builder.Services.AddConvoyRedis(Deployment.Sources(topology.EnvironmentVariables));
        configure(builder.Services);
        return builder.Build();
    }

    private sealed class News : Hub;
}
