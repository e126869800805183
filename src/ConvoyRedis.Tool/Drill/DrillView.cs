using System.Globalization;
using Spectre.Console;

namespace ConvoyRedis.Tool.Drill;

/// <summary>Shows a report in the terminal.</summary>
internal static class DrillView
{
    /// <summary>What is done to the master, as Redis and the operating system call it.</summary>
    /// <param name="fault">What is done.</param>
    /// <param name="slots">The shard's slots; null outside a cluster.</param>
    public static string Describe(DrillFault fault, string? slots) => fault switch
    {
        DrillFault.Kill => "kill -9",
        DrillFault.Hang => "SIGSTOP",
        DrillFault.Moves => "FAILOVER",
        DrillFault.Silent => "silence",
        _ => slots is null ? "SENTINEL FAILOVER" : "CLUSTER FAILOVER",
    };

    public static void Show(IAnsiConsole console, DrillReport report)
    {
        console.WriteLine();
        OutageChart.Show(console, report);
        console.WriteLine();

        if (report.Slots is { } slots)
            console.WriteLine($"{report.NewMaster} replaced {report.OldMaster} as the master of slots {slots}.");
        var timeline = new Table().Border(TableBorder.Rounded).AddColumn("what happened").AddColumn("after", column => column.RightAligned());
        var events = new List<(string What, double Ms)>
        {
            ($"fault: {Describe(report.Fault, report.Slots)} at {report.OldMaster}", 0),
            ($"promotion: {report.NewMaster} says that it is the master", report.PromotionMs),
            ("first acknowledged write on the new master", report.FirstWriteMs),
        };
        if (report.RedirectMs is { } redirect)
            events.Add(("redirect: the connection reports the new master", redirect));
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
        figures.AddRow("writes acknowledged and applied twice", Number(report.Repeated));
        console.Write(figures);
        foreach (var (error, count) in report.Errors)
            console.MarkupLineInterpolated($"[grey]{count} ×[/] {error}");
    }

    private static string Ms(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:N1} ms");

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
