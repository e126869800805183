using System.Collections.Concurrent;
using ConvoyRedis.Benchmarks.Clients;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>One client of many in a process: it counts its own key up.</summary>
/// <param name="index">Its number.</param>
/// <param name="client">The client.</param>
/// <param name="back">Told when its first write was acknowledged that meets the <see cref="Watch"/>, and the instant.</param>
internal sealed class FleetMember(int index, IBenchmarkClient client, Action<int, long> back) : IAsyncDisposable
{
    private const int BeginningOfAnError = 60;

    /// <summary>A call that takes longer is left to itself, and the next one begins: a service has other callers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan ConnectPause = TimeSpan.FromMilliseconds(250);

    private readonly string _key = FleetKeys.KeyOf(index);
    private Watch? _watch;
    private long _acknowledged;
    private int _pending;
    private long _longest;

    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>The calls that have not ended.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>The longest time in one call that has ended, in nanoseconds.</summary>
    public long Longest => Volatile.Read(ref _longest);

    /// <summary>How often each error came.</summary>
    public ConcurrentDictionary<string, int> Errors { get; } = new();

    /// <summary>Connects, and writes once; tries again until that is acknowledged.</summary>
    public static async Task<FleetMember> ConnectAsync(int index, Func<Task<IBenchmarkClient>> connect, Action<int, long> back)
    {
        while (true)
        {
            try
            {
                var client = await connect();
                await client.IncrementAsync(FleetKeys.KeyOf(index));
                return new FleetMember(index, client, back);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                await Task.Delay(ConnectPause);
            }
        }
    }

    /// <summary>Reports the first acknowledged write from now on whose value is at least this.</summary>
    public void WatchFor(long least) => Volatile.Write(ref _watch, new Watch(least, ClientHost.Now));

    /// <summary>Writes until stopped.</summary>
    public async Task WriteAsync(TimeSpan pause, TimeSpan retry, Func<bool> isStopped)
    {
        // Not all clients at once.
        await Task.Delay(pause * Random.Shared.NextDouble());
        while (!isStopped())
        {
            var call = CallAsync();
            await ((Task)call).WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (call.IsCompleted)
                await Task.Delay(await call ? pause : retry);
        }
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();

    // Whether it was acknowledged.
    private async Task<bool> CallAsync()
    {
        var began = ClientHost.Now;
        Interlocked.Increment(ref _pending);
        try
        {
            var value = await client.IncrementAsync(_key);
            var ended = ClientHost.Now;
            Interlocked.Increment(ref _acknowledged);
            if (Volatile.Read(ref _watch) is { } watch && value >= watch.Least && ended >= watch.Since && Interlocked.CompareExchange(ref _watch, null, watch) == watch)
                back(index, ended);
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            var error = $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
            Errors.AddOrUpdate(error[..Math.Min(error.Length, BeginningOfAnError)], 1, (_, times) => times + 1);
            return false;
        }
        finally
        {
            Note(ClientHost.Now - began);
            Interlocked.Decrement(ref _pending);
        }
    }

    private void Note(long took)
    {
        for (var longest = Longest; took > longest; longest = Longest)
            Interlocked.CompareExchange(ref _longest, took, longest);
    }

    private sealed record Watch(long Least, long Since);
}
