using ConvoyRedis.Benchmarks.Report;

namespace ConvoyRedis.Benchmarks.Replicas;

/// <summary>The tables and the picture of <c>replicas</c>.</summary>
internal static class ReplicaReport
{
    public static BenchmarkReport Create(ReplicaResult result)
    {
        var gaps = result.Gaps.GroupBy(gap => (gap.Fault, gap.Client)).ToList();
        var most = gaps.Max(row => row.Select(gap => gap.LongestGap).Median());
        return new BenchmarkReport(
            "Reads from replicas",
            [
                new ResultTable(
                    "Reads while something happens to the master",
                    ["master", "client", "runs", "failed, median (most)", "longest gap, median (most)", "longest call, median", "oldest answer, most", "writes at replicas"],
                    [.. gaps.OrderBy(row => row.Key.Fault, StringComparer.Ordinal).Select(row => (IReadOnlyList<string>)
                    [
                        row.Key.Fault.ToLowerInvariant(), row.Key.Client, $"{row.Count()}",
                        $"{row.Select(gap => (double)gap.Failed).Median().Count()} ({row.Max(gap => gap.Failed)})",
                        $"{row.Select(gap => gap.LongestGap).Median().Duration()} ({row.Max(gap => gap.LongestGap).Duration()})",
                        row.Select(gap => gap.LongestCall).Median().Duration(), row.Max(gap => gap.Oldest).Duration(), $"{row.Sum(gap => gap.RefusedWrites)}",
                    ])]),
                new ResultTable(
                    "Reads of 100 bytes by 64 callers, in alternation",
                    ["client", "rounds", "reads/s, median", "of them by the master"],
                    [.. result.Throughput.Select(client => (IReadOnlyList<string>)
                        [client.Client, $"{client.PerSecond.Count}", client.PerSecond.Median().Count(), $"{client.AtTheMaster:P0}"])]),
            ],
            [
                "A master, two replicas and three sentinels (down-after 1 s), the client and the callers share the machine: more nodes have no more cores.",
                "Gap: the longest time in which none of 16 callers got an answer; the call that is answered after it counts. From the fault to 5 s after it.",
                "Meanwhile one caller of another connection writes the time, each millisecond. Oldest answer: how much older the time was that a read gave than the last one acknowledged when it began.",
            ],
            new BarPicture(
                "The longest gap in the answers to reads", "milliseconds, median", 0, Math.Ceiling(most / 100) * 100,
                [.. gaps.GroupBy(row => row.Key.Fault).Select(fault => new BarPicture.Panel(
                    fault.Key,
                    [.. fault.Select(row => Bar(row.Key.Client, row.Select(gap => gap.LongestGap).Median()))],
                    []))]));
    }

    private static BarPicture.Bar Bar(string client, double gap) =>
        new(client, 0, gap, gap.Duration(), IsOurs: client.StartsWith("ConvoyRedis", StringComparison.Ordinal));
}
