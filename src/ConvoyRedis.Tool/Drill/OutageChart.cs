using System.Globalization;
using Spectre.Console;

namespace ConvoyRedis.Tool.Drill;

/// <summary>The outage as a picture: acknowledged and failed writes over time, and when the new master was there.</summary>
internal static class OutageChart
{
    private const int Columns = 66;

    /// <summary>How much is shown before the fault and after the first write, as a share of the time between them.</summary>
    private const double Margin = 0.35;

    /// <summary>What the picture spans at least, so that single writes do not fill it.</summary>
    private const double ShortestMs = 40;

    private const string Levels = " ▁▂▃▄▅▆▇█";

    public static void Show(IAnsiConsole console, DrillReport report)
    {
        var span = Math.Max(report.FirstWriteMs, ShortestMs);
        var (from, to) = (-Margin * span, (1 + Margin) * span);
        var (acknowledged, failed) = (new int[Columns], new int[Columns]);
        int Column(double ms) => Math.Clamp((int)((ms - from) / (to - from) * Columns), 0, Columns - 1);
        foreach (var (ms, isAcknowledged) in report.Ends.Where(end => end.Ms >= from && end.Ms < to))
            (isAcknowledged ? acknowledged : failed)[Column(ms)]++;

        var marks = new char[Columns];
        Array.Fill(marks, ' ');
        marks[Column(report.FirstWriteMs)] = 'W';
        marks[Column(report.PromotionMs)] = 'P';
        marks[Column(0)] = 'F';

        console.MarkupLineInterpolated($"acknowledged [green]{Bars(acknowledged)}[/]");
        console.MarkupLineInterpolated($"failed       [red]{Bars(failed)}[/]");
        console.MarkupLineInterpolated($"             [yellow]{new string(marks)}[/]");
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
            $"             [grey]{from:N0} to {to:N0} ms: F fault, P promotion, W first write there[/]");
    }

    private static string Bars(int[] counts)
    {
        var most = Math.Max(1, counts.Max());
        return string.Concat(counts.Select(count => Levels[(int)Math.Ceiling(count * (Levels.Length - 1.0) / most)]));
    }
}
