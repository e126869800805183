using System.Globalization;
using Spectre.Console;

namespace ConvoyRedis.Tool.Check;

/// <summary>Shows a report in the terminal: what was found, one column for each server, and then what to do.</summary>
internal static class CheckView
{
    /// <summary>Three addresses beside the names of the checks fit into 80 columns.</summary>
    private const int ColumnsAtOnce = 3;

    private static readonly Style Heading = new(decoration: Decoration.Bold);

    public static void ShowAll(IAnsiConsole console, CheckReport report)
    {
        console.MarkupLineInterpolated($"[bold]{report.Target}[/]");
        Show(console, report, SubjectKind.Deployment, "");
        Show(console, report, SubjectKind.Sentinel, "sentinel");
        Show(console, report, SubjectKind.Shard, "shard");
        Show(console, report, SubjectKind.Node, "node");
        Show(console, report, SubjectKind.Queue, "queue");
        foreach (var trouble in Troubles(report))
        {
            console.WriteLine();
            Show(console, trouble);
        }

        int Count(CheckStatus status) => report.Rows.Count(row => row.Status == status);
        console.WriteLine();
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
            $"{Count(CheckStatus.Ok)} ok, {Count(CheckStatus.NotVisible)} not visible, {Count(CheckStatus.Warning)} warnings, {Count(CheckStatus.Failure)} failures, in {report.TookMs:0} ms");
    }

    /// <summary>Shows only what is wrong; nothing when all is well.</summary>
    public static void ShowTroubles(IAnsiConsole console, CheckReport report)
    {
        foreach (var trouble in Troubles(report))
            Show(console, trouble);
    }

    // What several servers have in common is one trouble.
    private static IEnumerable<IGrouping<CheckRow, CheckRow>> Troubles(CheckReport report) =>
        report.Troubles.GroupBy(row => row with { Kind = default, Subject = "", Number = null });

    private static void Show(IAnsiConsole console, IGrouping<CheckRow, CheckRow> same)
    {
        var (check, value, healthy) = (same.Key.Check, same.Key.Value, same.Key.Healthy);
        console.Write(new Markup(same.Key.Status == CheckStatus.Failure ? "[red]✗[/] " : "[yellow]![/] "));
        console.MarkupLineInterpolated(
            $"[bold]{string.Join(", ", same.Select(row => row.Subject))}[/] {check}: {value}{(healthy is null ? "" : $" (healthy: {healthy})")}");
        console.Write(new Padder(new Text(same.Key.Action!), new Padding(2, 0, 0, 0)));
    }

    private static void Show(IAnsiConsole console, CheckReport report, SubjectKind kind, string title)
    {
        foreach (var subjects in report.Rows.Where(row => row.Kind == kind).GroupBy(row => row.Subject).Chunk(ColumnsAtOnce))
        {
            var table = new Table().Border(TableBorder.None).AddColumn(new TableColumn(new Text(title, Heading)).NoWrap().Padding(0, 0, 1, 0));
            foreach (var subject in subjects)
                table.AddColumn(new TableColumn(new Text(subject.Key, Heading)).Padding(0, 0, 2, 0));
            if (kind == SubjectKind.Deployment)
                table.HideHeaders();

            // A master and a replica have different rows, each in its place.
            var checks = subjects.SelectMany(subject => subject.Select((row, place) => (row.Check, place)))
                .GroupBy(row => row.Check, row => row.place).OrderBy(places => places.Min()).Select(places => places.Key);
            foreach (var check in checks)
                table.AddRow([new Text(check), .. subjects.Select(subject => Cell(subject.FirstOrDefault(row => row.Check == check)))]);
            console.WriteLine();
            console.Write(table);
        }
    }

    private static Text Cell(CheckRow? row) => row is null ? Text.Empty : new Text(row.Value, row.Status switch
    {
        CheckStatus.Failure => new Style(Color.Red, decoration: Decoration.Bold),
        CheckStatus.Warning => new Style(Color.Yellow),
        CheckStatus.NotVisible => new Style(Color.Grey),
        _ => new Style(row.Healthy is null ? Color.Default : Color.Green),
    });
}
