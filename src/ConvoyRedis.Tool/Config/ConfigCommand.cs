using System.CommandLine;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace ConvoyRedis.Tool.Config;

/// <summary><c>convoy-redis config</c>: what the settings mean, and where each came from.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var input = new SettingsInput();
        var json = new Option<bool>("--json") { Description = "Write one JSON object; secrets are \"***\" when set and null when not." };
        var command = new Command("config", "Shows what the settings resolve to and where each value came from; exit code 2 when they are wrong.") { json };
        input.AddTo(command);
        command.SetAction(parsed =>
        {
            var options = input.Load(parsed);
            try
            {
                var report = new ConfigReport(options.Resolve());
                if (parsed.GetValue(json))
                    Console.Out.WriteLine(report.ToJson());
                else
                    Show(report);
                return ExitCode.Ok;
            }
            catch (OptionsValidationException problems)
            {
                return SettingsInput.Report(problems);
            }
        });
        return command;
    }

    private static void Show(ConfigReport report)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]{report.Target}[/]");
        var table = new Table().Border(TableBorder.Rounded).AddColumns("setting", "value", "from");
        foreach (var (key, value) in report.Values)
        {
            if (value is not null and not string[] { Length: 0 })
                table.AddRow(new Text(key), new Text(ConfigReport.Plain(value)), new Text(report.Sources.GetValueOrDefault(key, "default")));
        }

        AnsiConsole.Write(table);
        foreach (var warning in report.Target.Warnings)
            AnsiConsole.MarkupLineInterpolated($"[yellow]warning:[/] {warning}");
    }
}
