using System.Diagnostics;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>As many commands as go through: a closed loop.</summary>
internal static class Throughput
{
    public static async Task<Cost> MeasureAsync(IDatabase database, Workload workload, int callers, TimeSpan length)
    {
        var commands = 0L;
        var (cpu, bytes, began) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var own = 0;
            for (; Stopwatch.GetElapsedTime(began) < length; own += workload.Commands)
                await workload.RunAsync(database, caller);
            Interlocked.Add(ref commands, own);
        })));
        var took = Stopwatch.GetElapsedTime(began);
        return new Cost(
            Math.Round(commands / took.TotalSeconds),
            Math.Round((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / commands, 4),
            Math.Round((GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)commands, 1));
    }
}
