using System.CommandLine;
using ConvoyRedis.Tool.CommandLine;
using Spectre.Console;

namespace ConvoyRedis.Tool.Config;

/// <summary><c>convoy-redis config</c>: what the settings mean, and where each came from.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var input = new SettingsInput();
        var json = new Option<bool>("--json") { Description = "Write one JSON object. A secret is \"***\" if it is set, and null if not." };
        var quiet = QuietOption.Create("Write only warnings: nothing if there are none.");
        var command = new ToolCommand("config", "Shows the resulting settings, and where each value came from. It connects to nothing.")
        {
            Examples =
            [
                ("convoy-redis config", "shows the settings of ./convoy.json and CONVOY_REDIS_*, and the defaults"),
                ("convoy-redis config --config /etc/convoy/convoy.json --redis-database 3", "reads another file, and one of Convoy's flags"),
                ("convoy-redis config --quiet", "finds mistakes before a deployment: the exit code is 3 if settings are wrong"),
                ("convoy-redis config --json | jq .endpoints", "gets a value in a script"),
            ],
        };
        command.Options.Add(quiet);
        command.Options.Add(json);
        input.AddTo(command);
        command.SetAction(parsed =>
        {
            var (report, problems) = ConfigReport.Of(input.Load(parsed));
            if (report is null)
                return SettingsInput.Report(problems);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(report.ToJson());
            else
                Show(report, parsed.GetValue(quiet));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(ConfigReport report, bool isQuiet)
    {
        if (!isQuiet)
            ShowValues(report);
        foreach (var warning in report.Warnings)
            AnsiConsole.MarkupLineInterpolated($"[olive]warning:[/] {warning}");
    }

    private static void ShowValues(ConfigReport report)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]{report.Target}[/]");
        var table = new Table().Border(TableBorder.Rounded).AddColumns("setting", "value", "from");
        foreach (var (key, value) in report.Values)
        {
            if (value is not null and not string[] { Length: 0 })
                table.AddRow(new Text(key), new Text(ConfigReport.Plain(value)), new Text(report.Sources.GetValueOrDefault(key, "default")));
        }

        AnsiConsole.Write(table);
    }
}
