using ConvoyRedis.Benchmarks.Report;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>What was aimed at, and whether it was reached: this library, without TLS.</summary>
internal static class FleetGoals
{
    private const double TimesTheMedianOfOne = 3;

    private static readonly (FleetFault Fault, double Milliseconds)[] LagsOfOne = [(FleetFault.Kill, 3), (FleetFault.Planned, 10), (FleetFault.Hang, 3)];

    public static ResultTable Table(FleetResult result)
    {
        var rows = new List<IReadOnlyList<string>>();
        var runs = result.Failovers.Where(run => !run.IsTls).ToList();
        var ours = runs.Where(run => FleetReport.IsOurs(run.Client)).ToList();
        foreach (var (fault, most) in LagsOfOne.Where(goal => ours.Exists(run => run.Fault == goal.Fault)))
        {
            List<FleetRun> Of(int clients) => [.. ours.Where(run => run.Fault == fault && run.Clients == clients)];
            var many = ours.Where(run => run.Fault == fault).Max(run => run.Clients);
            var manyP99 = FleetReport.Median(Of(many), run => run.LagP99);
            if (Of(1) is { Count: > 0 } one)
            {
                var median = FleetReport.Median(one, run => run.LagMedian);
                rows.Add(Row($"{FleetReport.Name(fault)}: lag of 1 client, median", median, most, FleetReport.Text));
                if (many > 1)
                    rows.Add(Row($"{FleetReport.Name(fault)}: lag of {many} clients, p99: 3 times the median of 1", manyP99, TimesTheMedianOfOne * median, FleetReport.Text));
            }

            var peers = runs.Where(run => !FleetReport.IsOurs(run.Client) && run.Fault == fault && run.Clients == many).GroupBy(run => run.Client).ToList();
            if (peers.Count > 0)
                rows.Add(Row($"{FleetReport.Name(fault)}: lag of {many} clients, p99: the best peer's median", manyP99, peers.Min(peer => FleetReport.Median([.. peer], run => run.LagMedian)), FleetReport.Text));
        }

        var planned = ours.Where(run => run.Fault == FleetFault.Planned).ToList();
        foreach (var size in planned.GroupBy(run => run.Clients))
        {
            rows.Add(Row(
                $"planned: ROLE at the candidate for each of {size.Key} clients until all are back",
                FleetReport.Median([.. size], run => run.RolesUntilBack / run.Clients), 3, Rate));
        }

        foreach (var rest in result.Rest.Where(rest => FleetReport.IsOurs(rest.Client) && !rest.IsTls))
        {
            rows.Add(Row($"at rest: commands/s of each of {rest.Clients} clients at each sentinel", FleetReport.PerSecond(rest, FleetServer.Sentinel, load => load.Commands), 1, Rate));
            rows.Add(Row($"at rest: CPU of each of {rest.Clients} clients, ms/s", rest.ClientCpuMilliseconds / rest.Seconds / rest.Clients, 1, Rate));
            rows.Add(Row($"at rest: CPU of all servers for each of {rest.Clients} clients, ms/s", FleetReport.PerSecond(rest, FleetServer.All, load => load.CpuMilliseconds), 1, Rate));
        }

        foreach (var drills in result.Drills.GroupBy(drill => (drill.Writers, drill.PayloadBytes)))
        {
            var name = $"{drills.Count()} planned failovers in a row, {drills.Key.Writers} writers of {((double)drills.Key.PayloadBytes).Count()} bytes";
            if (drills.Key.Writers == 64)
                rows.Add(Row($"{name}: longest call, median", drills.Select(drill => drill.LongestCall).Median(), 60, FleetReport.Text));
            rows.Add(Row($"{name}: failed, lost and repeated", drills.Sum(drill => drill.Failed + drill.Lost + drill.Repeated), 0, Figures.Count));
        }

        if (result.Watched.Count > 0)
        {
            rows.Add(RowAtLeast(
                $"bytes that a candidate copies with {result.Watched[0].Watchers} watchers, of those without", result.Watched.Select(watch => watch.Watched / watch.Alone).Median(), 0.95, Figures.Ratio));
        }

        return new ResultTable("Goals", ["goal", "at most", "measured", "reached"], rows);
    }

    private static IReadOnlyList<string> Row(string goal, double measured, double most, Func<double, string> text) =>
        [goal, text(most), text(measured), measured <= most ? "yes" : "**no**"];

    private static IReadOnlyList<string> RowAtLeast(string goal, double measured, double least, Func<double, string> text) =>
        [goal, $"at least {text(least)}", text(measured), measured >= least ? "yes" : "**no**"];

    private static string Rate(double figure) => double.IsFinite(figure) ? figure.Rate() : "–";
}
