using System.CommandLine;
using System.Diagnostics;
using ConvoyRedis.Client;
using ConvoyRedis.Tool.Survey;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace ConvoyRedis.Tool.Check;

/// <summary><c>convoy-redis check</c>: the guide's "Verify the Setup" and "Monitoring" on whatever is configured.</summary>
internal static class CheckCommand
{
    private const int Failed = 2;

    public static Command Create()
    {
        var input = new SettingsInput();
        var json = new Option<bool>("--json") { Description = "Write one JSON object, and nothing else, to standard output." };
        var clients = new Option<int?>("--max-clients")
        {
            Description = "The usual maximum of clients per node; more is a warning. Default: 80 % of maxclients.",
        };
        var operations = new Option<int?>("--max-ops")
        {
            Description = "The usual maximum of operations per second per node; more is a warning. Default: no limit.",
        };
        var timeout = DurationOption.Create("--timeout", "How long one server may take for everything that it is asked. Default: 1.5s.");
        var command = new Command("check",
            "Checks every node and sentinel of the configured deployment: roles, quorum, memory, persistence, replication, settings, certificates, "
            + "queues. It changes nothing. Exit code 0 when all is well, 1 with warnings, 2 with failures: one of the guide's alerts, or callers "
            + "cannot write.")
        {
            json, clients, operations, timeout,
        };
        input.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                var workload = new Workload(parsed.GetValue(clients), parsed.GetValue(operations));
                var patience = parsed.GetValue(timeout) ?? Surveyor.DefaultPatience;
                var report = await RunAsync(input.Load(parsed).Resolve(), patience, workload, cancellationToken);
                if (parsed.GetValue(json))
                    Console.Out.WriteLine(report.ToJson());
                else
                    CheckView.Show(AnsiConsole.Console, report);
                return report.ExitCode;
            }
            catch (OptionsValidationException problems)
            {
                return SettingsInput.Report(problems);
            }
            catch (ConvoyRedisConnectionException exception)
            {
                Console.Error.WriteLine(exception.Message);
                return Failed;
            }
        });
        return command;
    }

    private static async Task<CheckReport> RunAsync(
        ConvoyRedisTarget target, TimeSpan patience, Workload workload, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        using var surveyor = new Surveyor(target, patience);
        var survey = await surveyor.AskAsync(SettingRule.Names, cancellationToken);
        var queues = await QueueDepths.RowsAsync(surveyor, survey, cancellationToken);
        var rows = CheckReport.Judge(survey, workload, queues);
        return new CheckReport(target.ToString(), Math.Round(Stopwatch.GetElapsedTime(began).TotalMilliseconds, 1), rows);
    }
}
