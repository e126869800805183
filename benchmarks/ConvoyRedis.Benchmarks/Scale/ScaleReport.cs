using System.Globalization;
using ConvoyRedis.Benchmarks.Report;

namespace ConvoyRedis.Benchmarks.Scale;

/// <summary>The table and the picture of <c>scale</c>.</summary>
internal static class ScaleReport
{
    public static BenchmarkReport Create(IReadOnlyList<ScaleRun> runs)
    {
        var table = new ResultTable(
            "Registered connections in one process",
            ["connections", "sentinels", "sockets to nodes", "sockets to sentinels", "memory", "CPU at rest", "lag at a planned failover, median", "the last one's", "failed"],
            [.. runs.Select(run => (IReadOnlyList<string>)
            [
                $"{run.Connections}", $"{run.Sentinels}", $"{run.NodeSockets}", $"{run.SentinelSockets}",
                string.Create(CultureInfo.InvariantCulture, $"{run.KibibytesOfMemory:#,0} KiB"),
                string.Create(CultureInfo.InvariantCulture, $"{run.MillicoresAtRest / 10:0.00} % of a core"),
                run.LagMedian.Duration(), run.LagMost.Duration(), $"{run.Failed}",
            ])]);
        return new BenchmarkReport(
            "Many connections, more sentinels", [table],
            [
                "What all connections of a deployment share: the links to sentinels (one for events, one for questions each), the watch of the master's role. "
                    + "Each has a stream of its own, which a planned failover hands over.",
                "CPU at rest is what the process used in 10 s more than before it connected; below about 0.5 % it is noise.",
                .. Growth(runs),
            ],
            new BarPicture(
                "From the promotion to the last connection's first write on the new master", "milliseconds", 0,
                Math.Ceiling(runs.Max(run => run.LagMost) / 10) * 10,
                [new("a planned failover", [.. runs.Select(run => new BarPicture.Bar(
                    $"{run.Connections} connections, {run.Sentinels} sentinels", 0, run.LagMost, run.LagMost.Duration(), IsOurs: true))], [])]));
    }

    // Ten times as many connections.
    private static IEnumerable<string> Growth(IReadOnlyList<ScaleRun> runs)
    {
        var (some, many) = (runs.First(run => run.Connections == 10), runs.First(run => run.Connections == 100));
        foreach (var (name, figure) in new (string, Func<ScaleRun, double>)[]
        {
            ("sockets to nodes", run => run.NodeSockets), ("sockets to sentinels", run => run.SentinelSockets), ("memory", run => run.KibibytesOfMemory),
            ("CPU at rest", run => run.MillicoresAtRest), ("lag", run => run.LagMedian),
        })
        {
            var times = figure(many) / figure(some);
            yield return $"From 10 to 100 connections: {name} × {times.Count()}{(times > 10 ? ", faster than linear" : "")}.";
        }
    }
}
