using System.Diagnostics;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>
/// Callers that add to a stream of their own, which keeps the last entry alone: much can be written without filling the memory, and the stream counts every
/// entry that was ever added.
/// </summary>
internal sealed class FleetWriters
{
    private const string Field = "payload";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly IDatabase _database;
    private readonly RedisValue _payload;
    private readonly List<Writer> _writers;
    private readonly Task _writing;
    private volatile bool _isStopped;

    /// <param name="database">Where they write.</param>
    /// <param name="prefix">What the streams' names begin with.</param>
    /// <param name="writers">How many callers there are.</param>
    /// <param name="payloadBytes">What each writes at once.</param>
    public FleetWriters(IDatabase database, string prefix, int writers, int payloadBytes)
    {
        (_database, _payload) = (database, new byte[payloadBytes]);
        _writers = [.. Enumerable.Range(0, writers).Select(number => new Writer($"{prefix}:{number}"))];
        _writing = Task.WhenAll(_writers.Select(writer => Task.Run(() => WriteAsync(writer))));
    }

    /// <summary>Each stream, how many of its entries were acknowledged, and how many failed.</summary>
    public IReadOnlyList<Writer> Writers => _writers;

    public Task StopAsync()
    {
        _isStopped = true;
        return _writing;
    }

    private async Task WriteAsync(Writer writer)
    {
        while (!_isStopped)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                await _database.StreamAddAsync(writer.Stream, Field, _payload, maxLength: 1);
                writer.Acknowledged++;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                writer.Failed++;
            }

            var took = Stopwatch.GetElapsedTime(began);
            writer.LongestCall = took > writer.LongestCall ? took : writer.LongestCall;
            await Task.Delay(Pause);
        }
    }

    /// <summary>One caller.</summary>
    internal sealed class Writer(string stream)
    {
        public string Stream => stream;

        public long Acknowledged { get; set; }

        public long Failed { get; set; }

        public TimeSpan LongestCall { get; set; }
    }
}
