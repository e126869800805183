using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>The tables and the picture of <c>failover</c>.</summary>
internal static class FailoverReport
{
    private const double PictureFrom = -2, PictureTo = 14, MillisecondsInSecond = 1000;

    // A quarter of a millisecond is no difference: the observer looks once in one.
    private const double Least = 0.25;

    private static readonly (string Name, Func<FailoverRun, double> Of)[] Compared =
    [
        ("lag", LagOf), ("outage", OutageOf), ("lost", run => run.Lost), ("repeated", run => run.Repeated), ("failed", run => run.Failed), ("longest call", run => run.LongestCall),
    ];

    public static BenchmarkReport Create(IReadOnlyList<FailoverRun> runs)
    {
        var clients = Contender.All.Where(client => runs.Any(run => run.Client == client.Id)).ToList();
        var faults = runs.Select(run => run.Scenario).Distinct().OrderBy(fault => Scenario.All.ToList().IndexOf(fault)).ToArray();
        IReadOnlyList<FailoverRun> Of(Contender client, Scenario fault) => [.. runs.Where(run => run.Client == client.Id && run.Scenario == fault)];

        var lags = new ResultTable(
            "From the first write that the new master could take to the client's first one there (medians)",
            ["client", .. faults.Select(fault => fault.Text), .. faults.Contains(Scenario.Planned) ? ["acknowledged writes lost in the planned one"] : Array.Empty<string>()],
            [.. clients.Select(client => (IReadOnlyList<string>)
                [client.Name, .. faults.Select(fault => LagText(Of(client, fault))), .. faults.Where(fault => fault == Scenario.Planned).Select(fault => Of(client, fault).Select(run => (double)run.Lost).Median().Count())])]);
        var details = new ResultTable(
            "Every figure (medians; lag also from least to most)",
            ["client", "fault", "runs", "lag", "outage", "acknowledged", "lost", "repeated", "failed", "longest call"],
            [.. faults.SelectMany(fault => clients.Select(client => Details(client, fault, Of(client, fault))))]);
        return new BenchmarkReport(
            "Reconnect latency after a failover", [lags, details], [.. Notes(clients, faults, Of)],
            new BarPicture(
                "Outage of each client around a failover (median run)",
                "seconds since the new master could take a write",
                PictureFrom,
                PictureTo,
                [.. faults.Select(fault => PanelOf(fault, clients, Of))]));
    }

    private static IReadOnlyList<string> Details(Contender client, Scenario fault, IReadOnlyList<FailoverRun> runs)
    {
        string Median(Func<FailoverRun, double> figure) => runs.Select(figure).Median().Count();
        return
        [
            client.Name, fault.Text, $"{runs.Count}", $"{LagText(runs)} ({runs.Min(LagOf).Duration()} – {runs.Max(LagOf).Duration()})", runs.Select(OutageOf).Median().Duration(),
            Median(run => run.Acknowledged), Median(run => run.Lost), Median(run => run.Repeated), Median(run => run.Failed), runs.Select(run => run.LongestCall).Median().Duration(),
        ];
    }

    private static IEnumerable<string> Notes(
        List<Contender> clients, Scenario[] faults, Func<Contender, Scenario, IReadOnlyList<FailoverRun>> of)
    {
        var ours = clients[0];
        var peers = clients.Where(client => !client.IsOurs).ToList();
        foreach (var fault in faults.Where(_ => peers.Count > 0))
        {
            var best = peers.MinBy(peer => of(peer, fault).Select(LagOf).Median())!;
            var (own, other) = (of(ours, fault).Select(LagOf).Median(), of(best, fault).Select(LagOf).Median());
            yield return $"{fault.Text}: the best peer's lag is {best.Name}'s, {other.Duration()}: {(other / own).Count()} times ours.";
            foreach (var (name, figure) in Compared)
            {
                var mine = of(ours, fault).Select(figure).Median();
                var better = peers.Select(peer => (peer.Name, Figure: of(peer, fault).Select(figure).Median())).Where(peer => peer.Figure < mine - Least).ToList();
                if (better.Count > 0)
                    yield return $"{fault.Text}: better in *{name}*, here {Text(name, mine)}: {string.Join(", ", better.Select(peer => $"{peer.Name} {Text(name, peer.Figure)}"))}.";
            }
        }

        yield return "The best of a fault is told by the median of its runs; *never*: no write on the new master within "
            + $"{FailoverMeasurement.Limit.TotalSeconds:0} s. Outage: the longest time without an acknowledged write that the final master has.";
    }

    private static BarPicture.Panel PanelOf(
        Scenario fault, List<Contender> clients, Func<Contender, Scenario, IReadOnlyList<FailoverRun>> of)
    {
        var bars = clients.Select(client =>
        {
            var run = of(client, fault).OrderBy(LagOf).ElementAt(of(client, fault).Count / 2);
            return new BarPicture.Bar(
                client.Name, run.OutageFrom / MillisecondsInSecond, run.OutageTo / MillisecondsInSecond,
                OutageOf(run).Duration() + (run.Lost > 0 ? $", {((double)run.Lost).Count()} lost" : ""), client.IsOurs);
        });
        var announced = clients.SelectMany(client => of(client, fault)).Where(run => run.SwitchMasterAt.Count > 0)
            .Select(run => run.SwitchMasterAt[0] / MillisecondsInSecond).Median();
        return new BarPicture.Panel(fault.Text.Replace("`", "", StringComparison.Ordinal), [.. bars], [new(0, "promoted"), new(announced, "announced")]);
    }

    private static double LagOf(FailoverRun run) => run.Lag ?? double.PositiveInfinity;

    private static double OutageOf(FailoverRun run) => run.OutageTo - run.OutageFrom ?? double.PositiveInfinity;

    private static string LagText(IReadOnlyList<FailoverRun> runs)
    {
        var never = runs.Count(run => run.Lag is null);
        var median = runs.Select(LagOf).Median().Duration();
        return never == 0 || never == runs.Count ? median : $"{median} (never in {never} of {runs.Count})";
    }

    private static string Text(string figure, double value) => figure is "lag" or "outage" or "longest call" ? value.Duration() : value.Count();
}
