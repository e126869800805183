using System.CommandLine;
using System.Diagnostics;
using ConvoyRedis.Client;
using ConvoyRedis.Tool.CommandLine;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Check;

/// <summary><c>convoy-redis check</c>: the guide's "Verify the Setup" and "Monitoring" on whatever is configured.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var input = new SettingsInput();
        var output = new CheckOutputOptions();
        var clients = new Option<int?>("--max-clients")
        {
            Description = "Warn when a node has more clients than this. Default: 80 % of maxclients.",
            HelpName = "number",
        };
        var operations = new Option<int?>("--max-ops")
        {
            Description = "Warn when a node runs more operations per second than this. Default: no limit.",
            HelpName = "number",
        };
        var timeout = DurationOption.Create("--timeout", "How long one server may take to answer everything. Default: 1.5s.");
        var period = DurationOption.Create("--watch", "Repeat the check at this interval until Ctrl+C. The exit code is that of the last check.");
        var command = new ToolCommand("check", "Checks every node and sentinel of the configured deployment, and says what to do about what is wrong.")
        {
            Details = "It changes nothing. It checks roles, quorum, memory, persistence, replication, settings, certificates and queues. A failure is one of the alerts of Convoy's "
                + "guide, or something that keeps callers from writing.",
            Examples =
            [
                ("convoy-redis check", "shows everything, in tables"),
                ("convoy-redis check --quiet || mail -s redis ops@example.com", "writes only problems, and sends a mail if there are any"),
                ("convoy-redis check --watch 10s", "checks every 10 seconds"),
                ("convoy-redis check --format prometheus -o /var/lib/node_exporter/redis.prom", "writes metrics for the textfile collector of node_exporter"),
                ("convoy-redis check --json | jq '.rows[] | select(.status == \"failure\")'", "lists the failures in a script"),
            ],
        };
        output.AddTo(command);
        command.Options.Add(period);
        command.Options.Add(timeout);
        command.Options.Add(clients);
        command.Options.Add(operations);
        input.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var workload = new Workload(parsed.GetValue(clients), parsed.GetValue(operations));
            var patience = parsed.GetValue(timeout) ?? Surveyor.DefaultPatience;
            var pause = parsed.GetValue(period);
            var reports = output.Read(parsed, isRepeated: pause is not null);
            Task<int> CheckAsync() => Guarded.RunAsync(async () =>
            {
                var report = await RunAsync(input.Load(parsed).Resolve(), patience, workload, cancellationToken);
                reports.Write(report);
                return report.ExitCode;
            });
            return pause is { } time ? RepeatAsync(CheckAsync, time, cancellationToken) : CheckAsync();
        });
        return command;
    }

    // What cannot be done the first time ends it; later, files and servers may come back.
    private static async Task<int> RepeatAsync(Func<Task<int>> check, TimeSpan period, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(period);
        var last = await check();
        if (last == ExitCode.WrongInput)
            return last;
        while (await NextAsync(timer, cancellationToken))
        {
            var code = await check();
            if (cancellationToken.IsCancellationRequested)
                break;
            last = code;
        }

        return last;
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
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
