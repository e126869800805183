using System.Diagnostics;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using StackExchange.Redis;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Backplane.StackExchangeRedis;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>FusionCache: what one instance of a service changes, another one soon sees, in its own memory.</summary>
internal sealed class FusionCaches : ILibrary
{
    private const int Keys = 16;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly List<(Call Call, TimeSpan? SeenAfter)> _changes = [];
    private readonly IConnectionMultiplexer _multiplexer;
    private readonly IConnectionMultiplexer _undisposed;
    private readonly FusionCache[] _instances;
    private Repeated? _changing;
    private long _subscribed;

    public FusionCaches(IConnectionMultiplexer multiplexer)
    {
        _multiplexer = multiplexer;
        _undisposed = Undisposed.Of(multiplexer);
        _instances = [Instance(), Instance()];
    }

    public Calls Calls { get; } = new();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var key = 0; key < Keys; key++)
        {
            foreach (var instance in _instances)
                await instance.SetAsync(Key(key), -1, token: cancellationToken);
        }

        _multiplexer.ConnectionRestored += OnRestored;
        _changing = new Repeated(Pause, ChangeAsync);
    }

    public async Task StopAsync(Outage outage, CancellationToken cancellationToken)
    {
        await _changing!.StopAsync();
        _multiplexer.ConnectionRestored -= OnRestored;

        // It disposes what it was given.
        foreach (var instance in _instances)
            instance.Dispose();
        await Eventually.TrueAsync(() => ((Undisposed)_undisposed).IsDisposed, cancellationToken);
    }

    public string Check(Outage outage)
    {
        var unseen = _changes.Where(change => change.SeenAfter is null).Select(change => change.Call).ToList();
        var seen = _changes.Select(change => change.SeenAfter).OfType<TimeSpan>().ToList();

        // FusionCache publishes a change in the background (AllowBackgroundBackplaneOperations), before or after the call returns. So a change may be missed
        // if its call began before the subscription was restored.
        Assert.All(unseen, change => Assert.False(outage.Precedes(change), $"{change} was over before the fault."));
        Assert.All(unseen, change => Assert.InRange(change.Begun, 0, _subscribed));
        Assert.Empty(Calls.Errors);
        return $"{unseen.Count} changes not seen, the others after {seen.Max().TotalMilliseconds:0} ms at most";
    }

    public async ValueTask DisposeAsync()
    {
        if (_changing is not null)
            await _changing.DisposeAsync();
        foreach (var instance in _instances)
            instance.Dispose();
    }

    private async Task ChangeAsync(int number)
    {
        var (one, other) = (_instances[number % 2], _instances[(number + 1) % 2]);
        var key = Key(number);
        var call = await Calls.MakeAsync(() => one.SetAsync(key, number).AsTask());
        while (other.TryGet<int>(key).GetValueOrDefault() != number)
        {
            if (Stopwatch.GetElapsedTime(call.Ended) > Patience)
            {
                _changes.Add((call, SeenAfter: null));
                return;
            }

            await Task.Delay(Look);
        }

        _changes.Add((call, Stopwatch.GetElapsedTime(call.Ended)));
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs connection)
    {
        if (connection.ConnectionType == ConnectionType.Subscription)
            Volatile.Write(ref _subscribed, Stopwatch.GetTimestamp());
    }

    private FusionCache Instance()
    {
        var cache = new FusionCache(new FusionCacheOptions
        {
            DefaultEntryOptions = new FusionCacheEntryOptions(TimeSpan.FromMinutes(10)),
            WaitForInitialBackplaneSubscribe = true,
        });

        // Not disposed: that would close the multiplexer of all libraries.
        var distributed = new RedisCache(new RedisCacheOptions { ConnectionMultiplexerFactory = () => Task.FromResult(_multiplexer) });
        cache.SetupDistributedCache(distributed, new FusionCacheSystemTextJsonSerializer());
        cache.SetupBackplane(new RedisBackplane(new RedisBackplaneOptions { ConnectionMultiplexerFactory = () => Task.FromResult(_undisposed) }));
        return cache;
    }

    private static string Key(int number) => $"price:{number % Keys}";
}
