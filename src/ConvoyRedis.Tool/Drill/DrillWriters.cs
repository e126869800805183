using System.Collections.Concurrent;
using System.Diagnostics;
using StackExchange.Redis;

namespace ConvoyRedis.Tool.Drill;

/// <summary>Tasks that write one key after another, each of its own, as fast as a small service would; the keys expire by themselves.</summary>
internal sealed class DrillWriters : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<DrillWrite> _writes = [];
    private readonly string _prefix;
    private readonly IDatabase _database;
    private readonly List<Task> _writing;
    private int _number;

    /// <param name="database">Where they write.</param>
    /// <param name="prefix">What the keys begin with.</param>
    /// <param name="count">How many tasks write.</param>
    public DrillWriters(IDatabase database, string prefix, int count)
    {
        (_database, _prefix) = (database, prefix);
        _writing = [.. Enumerable.Range(0, count).Select(_ => Task.Run(WriteAsync))];
    }

    /// <summary>What has been written until now, in the order of completion.</summary>
    public IReadOnlyList<DrillWrite> Writes => [.. _writes];

    /// <summary>Lets the writes under way end, and stops.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_writing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WriteAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            RedisKey key = _prefix + Interlocked.Increment(ref _number);
            var began = Stopwatch.GetTimestamp();
            var isRepeated = false;
            string? error = null;
            try
            {
                // Nobody else writes this key: what was there before is this very write.
                isRepeated = !(await _database.StringSetAndGetAsync(key, "1", Expiry)).IsNull;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                error = exception.Message;
            }

            _writes.Enqueue(new DrillWrite(key, began, Stopwatch.GetTimestamp(), isRepeated, error));
            await Task.Delay(Pause);
        }
    }
}
