using System.Globalization;
using ConvoyRedis.Benchmarks.Report;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>The tables and the picture of <c>steady</c>.</summary>
internal static class SteadyReport
{
    private const double PictureFrom = 0.8, PictureTo = 1.2;

    // The width of the bound around a median in ranks is this often the root of the number of measurements.
    private const double RanksOf95Percent = 0.98;

    public static BenchmarkReport Create(SteadyResult result)
    {
        var throughput = new ResultTable(
            "Beside plain StackExchange.Redis with equal options, in alternation",
            ["workload", "callers", "commands/s, ratio (95 % bounds)", "CPU per command, ratio", "bytes per command", "commands/s, here", "p99 at half load, here / plain"],
            [.. result.Rows.Where(row => row.Workload == Workload.All[0].Name && !row.Tls).Select(row => Row(row))]);
        var all = throughput with
        {
            Title = "Every workload",
            Rows = [.. result.Rows.Select(row => Row(row))],
        };
        var latencies = new ResultTable(
            "Latency at half of what plain StackExchange.Redis can do (open loop)",
            ["workload", "callers", "commands/s offered", "p50, here / plain", "p99", "p99.9"],
            [.. result.Rows.Select(row => (IReadOnlyList<string>)
            [
                Name(row), $"{row.Callers}", row.OfferedPerSecond.Count(), Both(row, latency => latency.P50), Both(row, latency => latency.P99), Both(row, latency => latency.P999),
            ])]);
        return new BenchmarkReport(
            "Steady state", [throughput, all, latencies, .. ClusterReport.Create(result)],
            [
                "Ratios are medians of pairs, this library to plain StackExchange.Redis: above 1 is faster, or more CPU; the bounds by ranks (sign test).",
                "Bytes allocated per command by BenchmarkDotNet's memory diagnoser: "
                    + string.Join(", ", result.Allocations.Select(one => $"{(one.Client == "Own" ? "here" : "plain")} {one.BytesOfACommand}")) + ".",
                .. result.Rows.Where(row => Throughputs(row).Median() < 1).Select(row =>
                    $"{Name(row)}, {row.Callers} callers: plain StackExchange.Redis has the higher throughput: here {Throughputs(row).Median().Ratio()} of it."),
            ],
            new BarPicture(
                "Throughput, ratio to plain StackExchange.Redis (bars: 95 % bounds of the median)", "ratio", PictureFrom, PictureTo,
                [.. result.Rows.GroupBy(row => (row.IsCluster, row.Tls)).Select(group => new BarPicture.Panel(
                    group.Key.IsCluster ? "on a cluster" : group.Key.Tls ? "with TLS" : "without TLS",
                    [.. group.Select(row => new BarPicture.Bar(
                        $"{row.Workload}, {row.Callers}", Bounds(row).Lower, Bounds(row).Upper, Throughputs(row).Median().Ratio(), IsOurs: true))],
                    [new(1, "equal")]))]));
    }

    private static IReadOnlyList<string> Row(SteadyRow row)
    {
        var (lower, upper) = Bounds(row);
        double Median(Func<Pair, double> figure) => row.Pairs.Select(figure).Median();
        return
        [
            Name(row), $"{row.Callers}", $"{Throughputs(row).Median().Ratio()} ({lower.Ratio()} – {upper.Ratio()})",
            Median(pair => pair.Own.MicrosecondsOfCpu / pair.Plain.MicrosecondsOfCpu).Ratio(),
            string.Create(CultureInfo.InvariantCulture, $"{Median(pair => pair.Own.BytesAllocated):0} / {Median(pair => pair.Plain.BytesAllocated):0}"),
            Median(pair => pair.Own.CommandsPerSecond).Count(), Both(row, latency => latency.P99),
        ];
    }

    private static List<double> Throughputs(SteadyRow row) =>
        [.. row.Pairs.Select(pair => pair.Own.CommandsPerSecond / pair.Plain.CommandsPerSecond).Order()];

    // Of a median, whatever the distribution.
    private static (double Lower, double Upper) Bounds(SteadyRow row)
    {
        var sorted = Throughputs(row);
        var rank = Math.Max(0, (int)Math.Floor((sorted.Count / 2.0) - (RanksOf95Percent * Math.Sqrt(sorted.Count))));
        return (sorted[rank], sorted[^(rank + 1)]);
    }

    /// <summary>The workload, and where it ran.</summary>
    public static string Name(SteadyRow row) => row.Workload + (row.IsCluster ? ", cluster" : "") + (row.Tls ? ", TLS" : "");

    private static string Both(SteadyRow row, Func<Latency, double> percentile) =>
        $"{(percentile(row.OwnLatency) / 1000).Duration()} / {(percentile(row.PlainLatency) / 1000).Duration()}";
}
