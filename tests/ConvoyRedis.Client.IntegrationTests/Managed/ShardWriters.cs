using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>Callers of one shard of a cluster that write counting values, each to a key of its own, one after the other.</summary>
internal sealed class ShardWriters : IAsyncDisposable
{
    public const int Count = 16;

    // A key in slot 0.
    private const string KeyTag = "{06S}";

    private readonly CancellationTokenSource _stop = new();
    private readonly IDatabase _database;
    private readonly long[] _acknowledged = new long[Count];
    private readonly long[] _tried = new long[Count];
    private readonly List<Task> _writing;
    private long _lastAt;

    public ShardWriters(IDatabase database)
    {
        _database = database;
        _writing = [.. Enumerable.Range(0, Count).Select(writer => Task.Run(() => WriteAsync(writer)))];
    }

    /// <summary>What the callers saw fail.</summary>
    public ConcurrentQueue<Exception> Errors { get; } = [];

    /// <summary>Waits until each caller has written some more.</summary>
    public async Task WriteOnAsync(CancellationToken cancellationToken)
    {
        var before = _acknowledged.ToArray();
        await Eventually.TrueAsync(() => _acknowledged.Zip(before).All(value => value.First > value.Second + 10), cancellationToken);
    }

    /// <summary>Waits until a node is the master, and then for the next write.</summary>
    /// <returns>The time between the two.</returns>
    public async Task<TimeSpan> MeasureAsync(RedisServer successor, CancellationToken cancellationToken)
    {
        await Eventually.TrueAsync(async () => (await successor.ExecuteAsync("ROLE")).Items[0].Text == "master", cancellationToken);
        var promoted = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(() => Volatile.Read(ref _lastAt) > promoted, cancellationToken);
        return Stopwatch.GetElapsedTime(promoted, Volatile.Read(ref _lastAt));
    }

    /// <summary>Ends the writing; the master must have what was acknowledged last, or what was tried after that and failed.</summary>
    public async Task StopAndCheckAsync(RedisServer master)
    {
        await StopAsync();
        for (var writer = 0; writer < Count; writer++)
        {
            var value = (await master.ExecuteAsync("GET", Key(writer))).Text;
            Assert.InRange(long.Parse(value!, CultureInfo.InvariantCulture), _acknowledged[writer], _tried[writer]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private static string Key(int writer) => $"{KeyTag}:{writer}";

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_writing);
    }

    private async Task WriteAsync(int writer)
    {
        for (var value = 1L; !_stop.IsCancellationRequested; value++)
        {
            _tried[writer] = value;
            try
            {
                await _database.StringSetAsync(Key(writer), value);
                Volatile.Write(ref _acknowledged[writer], value);
                Volatile.Write(ref _lastAt, Stopwatch.GetTimestamp());
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
            {
                Errors.Enqueue(exception);
            }
        }
    }
}
