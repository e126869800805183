using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>The tables and the picture of <c>failover</c>.</summary>
internal static class FailoverReport
{
    /// <summary>What stands for a client that does not meet a fault.</summary>
    public const string NotMeasured = "–";

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
        var scenarios = Scenario.All.Where(scenario => runs.Any(run => run.Fault == scenario.Id)).ToList();
        IReadOnlyList<FailoverRun> Of(Contender client, Scenario scenario) => [.. runs.Where(run => run.Client == client.Id && run.Fault == scenario.Id)];
        List<Contender> Measured(Scenario scenario) => [.. clients.Where(client => Of(client, scenario).Count > 0)];

        var lags = new ResultTable(
            "From the moment when a client could write to the new master to its first write there (medians)",
            ["fault", .. clients.Select(client => client.Name)],
            [.. scenarios.SelectMany(scenario => LagRows(scenario, [.. clients.Select(client => Of(client, scenario))]))]);
        var details = new ResultTable(
            "Every figure (medians; lag also from least to most)",
            ["client", "fault", "runs", "lag", "outage", "acknowledged", "lost", "repeated", "failed", "longest call"],
            [.. scenarios.SelectMany(scenario => Measured(scenario).Select(client => Details(client, scenario, Of(client, scenario))))]);
        return new BenchmarkReport(
            "Reconnect latency after a failover", [lags, details, FailoverBrief.Table(runs)], [.. scenarios.SelectMany(scenario => Notes(scenario, Measured(scenario), Of)), .. Terms()],
            new BarPicture(
                "Outage of each client around a failover (median run)",
                "seconds since a client could write to the new master",
                PictureFrom,
                PictureTo,
                [.. scenarios.Where(scenario => !scenario.IsReading).Select(scenario => PanelOf(scenario, Measured(scenario), Of))]))
        {
            Brief = FailoverBrief.Picture(runs),
        };
    }

    /// <summary>How long a client needed; infinite for never.</summary>
    public static double LagOf(FailoverRun run) => run.Lag ?? double.PositiveInfinity;

    /// <summary>The longest time without an acknowledged write; infinite if it did not end.</summary>
    public static double OutageOf(FailoverRun run) => run.OutageTo - run.OutageFrom ?? double.PositiveInfinity;

    /// <summary>The median of what a client needed, and in how many runs it did not come back.</summary>
    public static string LagText(IReadOnlyList<FailoverRun> runs)
    {
        var never = runs.Count(run => run.Lag is null);
        var median = runs.Select(LagOf).Median().Duration();
        return never == 0 || never == runs.Count ? median : $"{median} (never in {never} of {runs.Count})";
    }

    private static IEnumerable<IReadOnlyList<string>> LagRows(Scenario scenario, IReadOnlyList<IReadOnlyList<FailoverRun>> ofClients)
    {
        string Cell(IReadOnlyList<FailoverRun> runs, Func<IReadOnlyList<FailoverRun>, string> figure) => runs.Count == 0 ? NotMeasured : figure(runs);
        yield return [scenario.Text, .. ofClients.Select(runs => Cell(runs, LagText))];
        if (scenario.IsPlanned)
            yield return [$"{scenario.Text}, acknowledged writes lost", .. ofClients.Select(own => Cell(own, runs => runs.Select(run => (double)run.Lost).Median().Count()))];
    }

    private static IReadOnlyList<string> Details(Contender client, Scenario scenario, IReadOnlyList<FailoverRun> runs)
    {
        string Median(Func<FailoverRun, double> figure) => runs.Select(figure).Median().Count();
        return
        [
            client.Name, scenario.Text, $"{runs.Count}", $"{LagText(runs)} ({runs.Min(LagOf).Duration()} – {runs.Max(LagOf).Duration()})", runs.Select(OutageOf).Median().Duration(),
            Median(run => run.Acknowledged), Median(run => run.Lost), Median(run => run.Repeated), Median(run => run.Failed), runs.Select(run => run.LongestCall).Median().Duration(),
        ];
    }

    private static IEnumerable<string> Notes(
        Scenario scenario, List<Contender> clients, Func<Contender, Scenario, IReadOnlyList<FailoverRun>> of)
    {
        var peers = clients.Where(client => !client.IsOurs).ToList();
        if (clients.Find(client => client.IsOurs) is not { } ours || peers.Count == 0)
            yield break;
        double Median(Contender client, Func<FailoverRun, double> figure) => of(client, scenario).Select(figure).Median();
        var best = peers.MinBy(peer => Median(peer, LagOf))!;
        yield return Median(best, LagOf) is var other && double.IsFinite(other)
            ? $"{scenario.Text}: the best peer's lag is {best.Name}'s, {other.Duration()}: {(other / Median(ours, LagOf)).Count()} times ours."
            : $"{scenario.Text}: no peer comes back.";
        foreach (var (name, figure) in Compared)
        {
            var mine = Median(ours, figure);
            var better = peers.Select(peer => (peer.Name, Figure: Median(peer, figure))).Where(peer => peer.Figure < mine - Least).ToList();
            if (better.Count > 0)
                yield return $"{scenario.Text}: better in *{name}*, here {Text(name, mine)}: {string.Join(", ", better.Select(peer => $"{peer.Name} {Text(name, peer.Figure)}"))}.";
        }
    }

    private static IEnumerable<string> Terms()
    {
        string Seconds(bool isQuick) => $"{FailoverMeasurement.Limit(isQuick).TotalSeconds:0} s";
        yield return "A client can write to a new master since an observer could, which tries once in a millisecond; at an endpoint, since the name leads to the new master. "
            + $"*Never*: no write there within {Seconds(isQuick: false)} ({Seconds(isQuick: true)} with --quick); after {FailoverBenchmark.MostNevers} of them in a row no further run.";
        yield return "The best of a fault is told by the median of its runs. Outage: the longest time without an acknowledged write that the final master has. "
            + "On a cluster all writes go to the shard that fails.";
    }

    private static BarPicture.Panel PanelOf(
        Scenario scenario, List<Contender> clients, Func<Contender, Scenario, IReadOnlyList<FailoverRun>> of)
    {
        var bars = clients.Select(client =>
        {
            var run = of(client, scenario).OrderBy(LagOf).ElementAt(of(client, scenario).Count / 2);
            return new BarPicture.Bar(
                client.Name, run.OutageFrom / MillisecondsInSecond, run.OutageTo / MillisecondsInSecond,
                OutageOf(run).Duration() + (run.Lost > 0 ? $", {((double)run.Lost).Count()} lost" : ""), client.IsOurs);
        });
        var announced = clients.SelectMany(client => of(client, scenario)).Where(run => run.SwitchMasterAt.Count > 0)
            .Select(run => run.SwitchMasterAt[0] / MillisecondsInSecond).ToList();
        List<BarPicture.Mark> marks = [new(0, scenario.Kind == DeploymentKind.Endpoint ? "name moved" : "promoted")];
        if (announced.Count > 0)
            marks.Add(new(announced.Median(), "announced"));
        return new BarPicture.Panel(scenario.Text.Replace("`", "", StringComparison.Ordinal), [.. bars], marks);
    }

    private static string Text(string figure, double value) => figure is "lag" or "outage" or "longest call" ? value.Duration() : value.Count();
}
