using System.Globalization;
using ConvoyRedis.Tool.CommandLine;
using Spectre.Console;

namespace ConvoyRedis.Tool.Check;

/// <summary>Writes reports as the options want it.</summary>
/// <param name="format">How.</param>
/// <param name="isQuiet">Whether text has only what is wrong.</param>
/// <param name="isRepeated">Whether one report follows another.</param>
/// <param name="file">Where to; null for standard output.</param>
internal sealed class CheckOutput(CheckFormat format, bool isQuiet, bool isRepeated, string? file)
{
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public void Write(CheckReport report)
    {
        if (file is not null)
            OutputFile.Write(file, Text(report));
        else if (format == CheckFormat.Text)
            Show(AnsiConsole.Console, report);
        else
            Console.Out.Write(Text(report));
    }

    private string Text(CheckReport report)
    {
        if (format == CheckFormat.Prometheus)
            return CheckMetrics.Write(report);
        if (format == CheckFormat.Json)
            return report.ToJson(isIndented: !isRepeated) + Environment.NewLine;
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Show(AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) }), report);
        return text.ToString();
    }

    private void Show(IAnsiConsole console, CheckReport report)
    {
        if (isRepeated && console.Profile.Out.IsTerminal && !isQuiet)
            console.Clear();
        if (isRepeated && (!isQuiet || report.Troubles.Any()))
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{DateTime.Now:yyyy-MM-dd HH:mm:ss}[/]");
        if (!isQuiet)
            CheckView.ShowAll(console, report);
        else
            CheckView.ShowTroubles(console, report);
    }
}
