using System.Collections.Concurrent;
using System.Diagnostics;
using StackExchange.Redis;

namespace ConvoyRedis.Tests;

/// <summary>
/// Writers at full speed, each with keys of its own: SET of a new key, RPUSH of a numbered item, INCR of a counter. Afterwards every
/// acknowledged write must be there, and once.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly IDatabaseAsync _database;
    private readonly byte[] _value;
    private readonly List<Task> _writing;
    private readonly int[] _acknowledged;
    private long _longestTicks;

    public Load(IDatabaseAsync database, int writers, int bytes)
    {
        _database = database;
        _value = new byte[bytes];
        new Random(1).NextBytes(_value);
        _acknowledged = new int[writers];
        _writing = [.. Enumerable.Range(0, writers).Select(writer => Task.Run(() => WriteAsync(writer)))];
    }

    /// <summary>Every error that a caller saw.</summary>
    public ConcurrentQueue<Exception> Errors { get; } = [];

    /// <summary>The rounds of three writes that were acknowledged until now.</summary>
    public int Acknowledged => _acknowledged.Sum();

    /// <summary>The longest time in one call.</summary>
    public TimeSpan Longest => TimeSpan.FromTicks(_longestTicks);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_writing).WaitAsync(Bound);
    }

    /// <summary>How many acknowledged writes are missing, and how many were applied more often than acknowledged.</summary>
    public async Task<(long Missing, long Repeated)> CheckAsync()
    {
        var (missing, repeated) = (0L, 0L);
        for (var writer = 0; writer < _acknowledged.Length; writer++)
        {
            var expected = _acknowledged[writer];
            foreach (var numbers in Enumerable.Range(0, expected).Chunk(1000))
                missing += (await Task.WhenAll(numbers.Select(number => _database.KeyExistsAsync($"set:{writer}:{number}")))).Count(exists => !exists);
            var items = (await _database.ListRangeAsync($"list:{writer}")).Select(item => (int)item).ToList();
            missing += expected - items.Distinct().Count();
            repeated += items.Count - items.Distinct().Count();
            var counter = (int)await _database.StringGetAsync($"counter:{writer}");
            missing += Math.Max(0, expected - counter);
            repeated += Math.Max(0, counter - expected);
        }

        return (missing, repeated);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WriteAsync(int writer)
    {
        while (!_stop.IsCancellationRequested)
        {
            var number = _acknowledged[writer];
            var began = Stopwatch.GetTimestamp();
            try
            {
                await Task.WhenAll(
                    _database.StringSetAsync($"set:{writer}:{number}", _value),
                    _database.ListRightPushAsync($"list:{writer}", number),
                    _database.StringIncrementAsync($"counter:{writer}"));
                _acknowledged[writer]++;
            }
            catch (Exception exception)
            {
                // Which of the three were applied is not known: this writer's account is closed.
                Errors.Enqueue(exception);
                return;
            }

            var took = Stopwatch.GetElapsedTime(began).Ticks;
            if (took > Interlocked.Read(ref _longestTicks))
                Interlocked.Exchange(ref _longestTicks, took);
        }
    }
}
