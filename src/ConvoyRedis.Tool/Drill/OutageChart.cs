using System.Globalization;
using Spectre.Console;

namespace ConvoyRedis.Tool.Drill;

/// <summary>The outage in characters: acknowledged and failed writes over time, and when the new master was there.</summary>
internal static class OutageChart
{
    /// <summary>As many as fit into 80 columns, beside the names of the lines.</summary>
    private const int MostColumns = 66;

    private const int FewestColumns = 20;
    private const string Levels = " ▁▂▃▄▅▆▇█";
    private const string Indent = "             ";
    private const string Legend = "F fault, P promotion, W first write on the new master";

    public static void Show(IAnsiConsole console, DrillReport report)
    {
        var (acknowledged, failed, marks, times) = Draw(report, Math.Clamp(console.Profile.Width - Indent.Length - 1, FewestColumns, MostColumns));
        console.MarkupLineInterpolated($"acknowledged [green]{acknowledged}[/]");
        console.MarkupLineInterpolated($"failed       [{(report.Failed == 0 ? "grey" : "red")}]{failed}[/]");
        console.MarkupLineInterpolated($"{Indent}[olive]{marks}[/]");
        console.MarkupLineInterpolated($"{Indent}[grey]{times}[/]");
        console.MarkupLineInterpolated($"[grey]{Legend}[/]");
    }

    /// <summary>The same without colours.</summary>
    public static string Plain(DrillReport report)
    {
        var (acknowledged, failed, marks, times) = Draw(report, MostColumns);
        return $"acknowledged {acknowledged}\nfailed       {failed}\n{Indent}{marks}\n{Indent}{times}\n{Legend}\n";
    }

    private static (string Acknowledged, string Failed, string Marks, string Times) Draw(DrillReport report, int columns)
    {
        var window = new OutageWindow(report, columns);
        var marks = new char[columns];
        Array.Fill(marks, ' ');
        marks[window.PartOf(report.FirstWriteMs)] = 'W';
        marks[window.PartOf(report.PromotionMs)] = 'P';
        marks[window.PartOf(0)] = 'F';
        var (from, to) = (Ms(window.From), Ms(window.To));
        var failed = report.Failed == 0 ? "none" : Bars(window.Failed);
        return (Bars(window.Acknowledged), failed, new string(marks), from + to.PadLeft(columns - from.Length));
    }

    private static string Bars(IReadOnlyList<int> counts)
    {
        var most = Math.Max(1, counts.Max());
        return string.Concat(counts.Select(count => Levels[(int)Math.Ceiling(count * (Levels.Length - 1.0) / most)]));
    }

    private static string Ms(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:N0} ms");
}
