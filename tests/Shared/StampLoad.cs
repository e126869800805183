using System.Collections.Concurrent;
using System.Diagnostics;
using StackExchange.Redis;

namespace ConvoyRedis.Tests;

/// <summary>
/// A caller that writes the time, again and again, and callers that read it, from a replica if there is one: what a read gives tells how old it is.
/// </summary>
internal sealed class StampLoad : IAsyncDisposable
{
    private const string Key = "stamp";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly IDatabase _writes;
    private readonly IDatabaseAsync _reads;
    private long _acknowledged;
    private Task _running = Task.CompletedTask;

    private StampLoad(IDatabase writes, IDatabaseAsync reads) => (_writes, _reads) = (writes, reads);

    /// <summary>How many writes were acknowledged.</summary>
    public long Written { get; private set; }

    /// <summary>How many reads were answered.</summary>
    public long Read { get; private set; }

    /// <summary>By how much an answer was older than the last write that had been acknowledged when the read began, at most.</summary>
    public TimeSpan Oldest { get; private set; }

    /// <summary>Every error of a read.</summary>
    public ConcurrentQueue<Exception> Errors { get; } = [];

    /// <summary>Begins, after a first write.</summary>
    /// <param name="writes">Writes.</param>
    /// <param name="reads">Reads.</param>
    /// <param name="readers">How many callers read.</param>
    public static async Task<StampLoad> StartAsync(IDatabase writes, IDatabaseAsync reads, int readers)
    {
        var load = new StampLoad(writes, reads);
        await load.WriteAsync();

        // Until the replica has it.
        await Eventually.TrueAsync(async () => (await reads.StringGetAsync(Key, CommandFlags.PreferReplica)).HasValue, TestContext.Current.CancellationToken);
        load._running = Task.WhenAll([Task.Run(load.WriteOnAsync), .. Enumerable.Range(0, readers).Select(_ => Task.Run(load.ReadOnAsync))]);
        return load;
    }

    /// <summary>Waits until there have been some more writes and reads.</summary>
    public async Task GoOnAsync(CancellationToken cancellationToken)
    {
        var (written, read) = (Written, Read);
        await Eventually.TrueAsync(() => Written > written + 50 && Read > read + 50, cancellationToken);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Bound);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WriteOnAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await WriteAsync();
            }
            catch (RedisException)
            {
                // In flight to a master that died.
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task WriteAsync()
    {
        var stamp = Stopwatch.GetTimestamp();
        await _writes.StringSetAsync(Key, stamp);
        Volatile.Write(ref _acknowledged, stamp);
        Written++;
    }

    private async Task ReadOnAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var acknowledged = Volatile.Read(ref _acknowledged);
            try
            {
                var age = Stopwatch.GetElapsedTime((long)await _reads.StringGetAsync(Key, CommandFlags.PreferReplica), acknowledged);
                lock (_gate)
                {
                    Read++;
                    Oldest = age > Oldest ? age : Oldest;
                }
            }
            catch (Exception exception)
            {
                Errors.Enqueue(exception);
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }
}
