using System.Globalization;
using ConvoyRedis.Testing;
using Spectre.Console;

namespace ConvoyRedis.Tool.Drill;

/// <summary>Shows a report in the terminal.</summary>
internal static class DrillView
{
    public static void Show(IAnsiConsole console, DrillReport report)
    {
        console.WriteLine();
        OutageChart.Show(console, report);
        console.WriteLine();

        var timeline = new Table().Border(TableBorder.Rounded).AddColumn("what happened").AddColumn("after", column => column.RightAligned());
        var events = new List<(string What, double Ms)>
        {
            ($"fault: {Describe(report.Fault)} at {report.OldMaster}", 0),
            ($"promotion: {report.NewMaster} says that it is the master", report.PromotionMs),
            ("redirect: the connection reports the new master", report.RedirectMs),
            ("first acknowledged write on the new master", report.FirstWriteMs),
        };
        if (report.AnnouncedMs is { } announced)
            events.Add(("the sentinels announce it (other clients now move too)", announced));
        foreach (var (what, ms) in events.OrderBy(happened => happened.Ms))
            timeline.AddRow(what, Ms(ms));
        console.Write(timeline);

        var figures = new Table().Border(TableBorder.Rounded).AddColumn("figure").AddColumn("value", column => column.RightAligned());
        figures.AddRow("from the promotion to the first write", $"[bold green]{Ms(report.LagMs)}[/]");
        figures.AddRow("longest time without an acknowledged write", Ms(report.OutageMs));
        figures.AddRow("longest time in one call", Ms(report.LongestCallMs));
        figures.AddRow("writes acknowledged", Number(report.Acknowledged));
        figures.AddRow("writes failed", Number(report.Failed));
        figures.AddRow("writes acknowledged by the old master and lost with it", Number(report.Lost));
        console.Write(figures);
        foreach (var (error, count) in report.Errors)
            console.MarkupLineInterpolated($"[grey]{count} ×[/] {error}");
    }

    private static string Describe(MasterFault fault) => fault switch
    {
        MasterFault.Kill => "kill -9",
        MasterFault.Hang => "SIGSTOP",
        _ => "SENTINEL FAILOVER",
    };

    private static string Ms(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:N1} ms");

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
