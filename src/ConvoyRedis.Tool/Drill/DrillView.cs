using Spectre.Console;

namespace ConvoyRedis.Tool.Drill;

/// <summary>Shows a report in the terminal.</summary>
internal static class DrillView
{
    /// <summary>The same in both tables, so that their last columns are one below the other: "1,239.9 ms".</summary>
    private const int ValueWidth = 10;

    public static void Show(IAnsiConsole console, DrillReport report)
    {
        var facts = new DrillFacts(report);
        console.WriteLine();
        OutageChart.Show(console, report);
        console.WriteLine();

        if (facts.Shard is { } shard)
            console.WriteLine(shard);
        var timeline = new Table().Border(TableBorder.Rounded).AddColumn("what happened").AddColumn("after", column => column.RightAligned().Width(ValueWidth));
        foreach (var (what, after) in facts.Timeline)
            timeline.AddRow(new Text(what), new Text(after));
        console.Write(timeline);

        var figures = new Table().Border(TableBorder.Rounded).AddColumn("figure").AddColumn("value", column => column.RightAligned().Width(ValueWidth));
        foreach (var (index, (figure, value)) in facts.Figures.Index())
            figures.AddRow(new Text(figure), new Text(value, index == 0 ? new Style(Color.Green, decoration: Decoration.Bold) : Style.Plain));
        console.Write(figures);
        foreach (var (error, count) in report.Errors)
            console.MarkupLineInterpolated($"[grey]{count} ×[/] {error}");
    }
}
