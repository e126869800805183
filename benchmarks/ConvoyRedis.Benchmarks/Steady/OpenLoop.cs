using System.Diagnostics;
using HdrHistogram;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>
/// Turns that begin when they are due, whether or not those before have ended: what waits because of a pause counts from when it was due.
/// </summary>
internal static class OpenLoop
{
    private const long HighestMicroseconds = 60_000_000;
    private const int SignificantDigits = 3;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>For latencies in microseconds.</summary>
    public static LongConcurrentHistogram NewHistogram() => new(1, HighestMicroseconds, SignificantDigits);

    public static async Task<HistogramBase> MeasureAsync(
        IDatabase database, Workload workload, int callers, double turnsPerSecond, TimeSpan length)
    {
        var histogram = NewHistogram();
        var pending = new List<Task>();
        var due = 0.0;
        var number = 0;
        var began = Stopwatch.GetTimestamp();
        for (var tick = TimeSpan.Zero; tick < length; tick += Tick)
        {
            var early = tick - Stopwatch.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
                await Task.Delay(early);
            for (due += turnsPerSecond * Tick.TotalSeconds; due >= 1; due--)
                pending.Add(TurnAsync(began + (long)(tick.TotalSeconds * Stopwatch.Frequency), number++ % callers));
        }

        await Task.WhenAll(pending);
        return histogram;

        async Task TurnAsync(long since, int caller)
        {
            await workload.RunAsync(database, caller);
            histogram.RecordValue(Math.Clamp((long)Stopwatch.GetElapsedTime(since).TotalMicroseconds, 1, HighestMicroseconds));
        }
    }
}
