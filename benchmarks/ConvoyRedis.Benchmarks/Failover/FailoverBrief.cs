using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>The table and the picture of the README: of each deployment the usual faults, and each client as most use it.</summary>
internal static class FailoverBrief
{
    private const double PictureFrom = -2, PictureTo = 12.4, MillisecondsInSecond = 1000;

    private static readonly (string Scenario, string Text)[] Columns =
    [
        ("Killed", "master killed"), ("Hung", "master hung"), ("Planned", "planned failover"), ("ClusterKilled", "cluster: master killed"), ("EndpointMoves", "endpoint: name moves"),
    ];

    /// <summary>A row for each client.</summary>
    public static ResultTable Table(IReadOnlyList<FailoverRun> runs)
    {
        var columns = Columns.Where(column => runs.Any(run => run.Fault == column.Scenario)).ToList();
        return new ResultTable(
            "In brief",
            ["client", .. columns.SelectMany(column => IsPlanned(column.Scenario) ? (string[])[column.Text, "writes lost in it"] : [column.Text])],
            [.. Clients(runs).Select(client => (IReadOnlyList<string>)[client.Name, .. columns.SelectMany(column => Cells(column.Scenario, Of(runs, client, column.Scenario)))])]);
    }

    /// <summary>The .NET clients in the two failovers that a deployment with sentinels meets most; null if they were not measured.</summary>
    public static OutagePicture? Picture(IReadOnlyList<FailoverRun> runs)
    {
        var dotnet = Clients(runs).Where(client => client.ConnectAsync is not null).ToList();
        OutagePicture.Panel Panel(string title, string scenario) => new(title, [.. dotnet.Where(client => Of(runs, client, scenario).Count > 0).Select(client => Bar(client, Of(runs, client, scenario)))]);
        IReadOnlyList<OutagePicture.Panel> panels = [Panel("Redis Sentinel: the master is killed", "Killed"), Panel("Redis Sentinel: planned failover", "Planned")];
        return panels.Any(panel => panel.Bars.Count == 0) ? null : new OutagePicture(
            "Outage of the .NET clients around a failover", "seconds since the new master accepts writes (medians)", PictureFrom, PictureTo, panels);
    }

    private static IEnumerable<string> Cells(string scenario, IReadOnlyList<FailoverRun> runs)
    {
        yield return runs.Count == 0 ? FailoverReport.NotMeasured : FailoverReport.LagText(runs);
        if (IsPlanned(scenario))
            yield return runs.Count == 0 ? FailoverReport.NotMeasured : LostText(runs);
    }

    private static OutagePicture.Bar Bar(Contender client, IReadOnlyList<FailoverRun> runs)
    {
        double Median(Func<FailoverRun, double> figure) => runs.Select(figure).Median();
        var to = Median(run => run.OutageTo ?? double.PositiveInfinity) / MillisecondsInSecond;
        return new OutagePicture.Bar(
            client.Name, Median(run => run.OutageFrom) / MillisecondsInSecond, double.IsFinite(to) ? to : null,
            Median(FailoverReport.OutageOf).Duration() + (LostText(runs) is not "0" and var lost ? $", {lost} writes lost" : ""), client.IsOurs);
    }

    private static string LostText(IReadOnlyList<FailoverRun> runs) => Math.Round(runs.Select(run => (double)run.Lost).Median(), MidpointRounding.AwayFromZero).Count();

    private static IReadOnlyList<FailoverRun> Of(IReadOnlyList<FailoverRun> runs, Contender client, string scenario) =>
        [.. runs.Where(run => run.Client == client.Id && run.Fault == scenario)];

    // The mode of ours that waits for the announcement is in the full table.
    private static IEnumerable<Contender> Clients(IReadOnlyList<FailoverRun> runs) =>
        Contender.All.Where(client => !client.NeedsSentinels && runs.Any(run => run.Client == client.Id));

    private static bool IsPlanned(string scenario) => scenario == Scenario.Planned.Id;
}
