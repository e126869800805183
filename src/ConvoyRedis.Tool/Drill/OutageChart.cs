using System.Globalization;
using Spectre.Console;

namespace ConvoyRedis.Tool.Drill;

/// <summary>The outage in characters: acknowledged and failed writes over time, and when the new master was there.</summary>
internal static class OutageChart
{
    private const int Columns = 66;

    private const string Levels = " ▁▂▃▄▅▆▇█";

    public static void Show(IAnsiConsole console, DrillReport report)
    {
        var (acknowledged, failed, marks, legend) = Draw(report);
        console.MarkupLineInterpolated($"acknowledged [green]{acknowledged}[/]");
        console.MarkupLineInterpolated($"failed       [red]{failed}[/]");
        console.MarkupLineInterpolated($"             [yellow]{marks}[/]");
        console.MarkupLineInterpolated($"             [grey]{legend}[/]");
    }

    /// <summary>The same without colours.</summary>
    public static string Plain(DrillReport report)
    {
        var (acknowledged, failed, marks, legend) = Draw(report);
        return $"acknowledged {acknowledged}\nfailed       {failed}\n             {marks}\n             {legend}\n";
    }

    private static (string Acknowledged, string Failed, string Marks, string Legend) Draw(DrillReport report)
    {
        var window = new OutageWindow(report, Columns);
        var marks = new char[Columns];
        Array.Fill(marks, ' ');
        marks[window.PartOf(report.FirstWriteMs)] = 'W';
        marks[window.PartOf(report.PromotionMs)] = 'P';
        marks[window.PartOf(0)] = 'F';
        return (Bars(window.Acknowledged), Bars(window.Failed), new string(marks),
            string.Create(CultureInfo.InvariantCulture, $"{window.From:N0} to {window.To:N0} ms: F fault, P promotion, W first write there"));
    }

    private static string Bars(IReadOnlyList<int> counts)
    {
        var most = Math.Max(1, counts.Max());
        return string.Concat(counts.Select(count => Levels[(int)Math.Ceiling(count * (Levels.Length - 1.0) / most)]));
    }
}
