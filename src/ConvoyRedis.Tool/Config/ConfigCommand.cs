using System.CommandLine;
using ConvoyRedis.Client.Configuration;
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
            var reader = new SettingReader(input.Load(parsed).Values);
            if (reader.Resolve() is not { } target)
                return SettingsInput.Report(reader.WithWarnings([.. reader.Problems, .. reader.MissingFiles()]));
            var report = new ConfigReport(target, reader.MissingFiles());
            if (parsed.GetValue(json))
                Console.Out.WriteLine(report.ToJson());
            else
                Show(report);
            return ExitCode.Ok;
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
        foreach (var warning in report.Warnings)
            AnsiConsole.MarkupLineInterpolated($"[yellow]warning:[/] {warning}");
    }
}
