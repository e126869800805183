using System.Globalization;
using System.Text.RegularExpressions;
using Spectre.Console;

namespace ConvoyRedis.Tool.Check;

/// <summary>
/// Shows a report in the terminal: what was found, one column for each server, and then what to do. The colours are those that a terminal's theme makes legible on
/// its background, light or dark: olive and teal, not yellow and aqua.
/// </summary>
internal static partial class CheckView
{
    /// <summary>The blanks between two servers.</summary>
    private const int Gap = 2;

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
        static string Counted(int count, string name) => $"{count} {name}{(count == 1 ? "" : "s")}";
        var (warnings, failures) = (Counted(Count(CheckStatus.Warning), "warning"), Counted(Count(CheckStatus.Failure), "failure"));
        console.WriteLine();
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
            $"{Count(CheckStatus.Ok)} ok, {Count(CheckStatus.NotVisible)} not visible, {warnings}, {failures}, in {report.TookMs:0} ms");
    }

    /// <summary>Shows only what is wrong; nothing when all is well.</summary>
    public static void ShowTroubles(IAnsiConsole console, CheckReport report)
    {
        foreach (var (index, trouble) in Troubles(report).Index())
        {
            if (index > 0)
                console.WriteLine();
            Show(console, trouble);
        }
    }

    // What several servers have in common is one trouble.
    private static IEnumerable<IGrouping<CheckRow, CheckRow>> Troubles(CheckReport report) =>
        report.Troubles.GroupBy(row => row with { Kind = default, Subject = "", Number = null });

    private static void Show(IAnsiConsole console, IGrouping<CheckRow, CheckRow> same)
    {
        var (check, value, healthy) = (same.Key.Check, Shown(same.Key), same.Key.Healthy);
        var found = Markup.FromInterpolated(
            $"[bold]{string.Join(", ", same.Select(row => row.Subject))}[/] {check}: {value}{(healthy is null ? "" : $" (healthy: {healthy})")}");
        var mark = new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 1, 0) };
        console.Write(new Grid().AddColumn(mark).AddColumn(new GridColumn { Padding = new Padding(0) })
            .AddRow(new Markup(same.Key.Status == CheckStatus.Failure ? "[red]✗[/]" : "[olive]![/]"), found));
        console.Write(new Padder(new Text(same.Key.Action!), new Padding(2, 0, 0, 0)));
    }

    private static void Show(IAnsiConsole console, CheckReport report, SubjectKind kind, string title)
    {
        var all = report.Rows.Where(row => row.Kind == kind).GroupBy(row => row.Subject).ToList();
        foreach (var subjects in all.Chunk(ColumnsAtOnce(all, title, console.Profile.Width)))
        {
            var table = new Table().Border(TableBorder.None).AddColumn(new TableColumn(new Text(title, Heading)).NoWrap().Padding(0, 0, 1, 0));
            foreach (var subject in subjects)
                table.AddColumn(new TableColumn(new Text(subject.Key, Heading)).Padding(0, 0, subject == subjects[^1] ? 0 : Gap, 0));
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

    // As many servers as fit beside the names of the checks, so that no word is cut: three with IPv4 addresses in 80 columns.
    private static int ColumnsAtOnce(List<IGrouping<string, CheckRow>> subjects, string title, int width)
    {
        if (subjects.Count == 0)
            return 1;
        var rows = subjects.SelectMany(subject => subject).ToList();
        var names = rows.Select(row => row.Check).Append(title).Max(name => name.Length) + 1;
        var widest = rows.SelectMany(row => Shown(row).Split(' ')).Concat(subjects.Select(subject => subject.Key)).Max(word => word.Length);
        return Math.Max(1, (width - names + Gap) / (widest + Gap));
    }

    // A list without blanks, such as a sentinel's flags, would be cut anywhere.
    private static string Shown(CheckRow row) => CommaBeforeAWord().Replace(row.Value, ", ");

    private static Text Cell(CheckRow? row) => row is null ? Text.Empty : new Text(Shown(row), row.Status switch
    {
        CheckStatus.Failure => new Style(Color.Red, decoration: Decoration.Bold),
        CheckStatus.Warning => new Style(Color.Olive),
        CheckStatus.NotVisible => new Style(Color.Grey),
        _ => new Style(row.Healthy is null ? Color.Default : Color.Green),
    });

    [GeneratedRegex(@",(?=\S)")]
    private static partial Regex CommaBeforeAWord();
}
