using System.CommandLine;
using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace ConvoyRedis.Tool.Drill;

/// <summary><c>convoy-redis drill</c>: a failover under writes, and what became of them.</summary>
internal static class DrillCommand
{
    private const int DefaultWriters = 4;

    public static Command Create()
    {
        var input = new SettingsInput();
        var lab = new Option<bool>("--lab") { Description = "Start 3 Redis nodes and 3 sentinels on this machine, and run the drill on them." };
        var fault = new Option<string>("--fault")
        {
            Description = "The fault: planned (SENTINEL FAILOVER) or, with --lab, kill (kill -9) or hang (SIGSTOP).",
            DefaultValueFactory = _ => "planned",
        };
        fault.AcceptOnlyFromAmong("planned", "kill", "hang");
        var writers = new Option<int>("--writers") { Description = "How many tasks write.", DefaultValueFactory = _ => DefaultWriters };
        writers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--writers must be at least 1.");
        });
        var json = new Option<bool>("--json") { Description = "Write one JSON object, and nothing else, to standard output." };
        var command = new Command("drill",
            "Fails over the configured deployment while writing to it, and shows what a service would notice: "
            + "the guide's test before going to production. Its keys (convoy-redis:drill:*) expire within 10 minutes.")
        {
            lab, fault, writers, json,
        };
        input.AddTo(command);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(lab) && result.GetValue(fault) is "kill" or "hang")
                result.AddError("--fault kill and --fault hang require --lab, which starts a deployment for the drill.");
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            () => input.Load(parsed),
            parsed.GetValue(lab),
            Enum.Parse<MasterFault>(parsed.GetValue(fault)!, ignoreCase: true),
            parsed.GetValue(writers),
            parsed.GetValue(json),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        Func<ConvoyRedisOptions> load, bool lab, MasterFault fault, int writers, bool json, CancellationToken cancellationToken)
    {
        Action<string> progress = json ? _ => { } : line => AnsiConsole.MarkupLineInterpolated($"[grey]{line}[/]");
        try
        {
            var report = lab
                ? await OnLabAsync(fault, writers, progress, cancellationToken)
                : await OnDeploymentAsync(load(), writers, progress, cancellationToken);
            if (json)
                Console.Out.WriteLine(report.ToJson());
            else
                DrillView.Show(AnsiConsole.Console, report);
            return ExitCode.Ok;
        }
        catch (OptionsValidationException problems)
        {
            return SettingsInput.Report(problems);
        }
        catch (Exception exception)
            when (exception is ConvoyRedisConnectionException or TimeoutException or RedisNotInstalledException or RedisStartException)
        {
            Console.Error.WriteLine(exception.Message);
            return ExitCode.Failed;
        }
    }

    private static async Task<DrillReport> OnLabAsync(
        MasterFault fault, int writers, Action<string> progress, CancellationToken cancellationToken)
    {
        progress("Starting 3 Redis nodes and 3 sentinels.");
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: cancellationToken);
        var options = ConvoyRedisOptions.Load(new ConvoyRedisSources
        {
            ConvoyJsonPath = null,
            Environment = topology.EnvironmentVariables.ToDictionary(variable => variable.Key, variable => (string?)variable.Value),
        });
        RedisServer Node(ConvoyRedisEndpoint endpoint) => topology.Nodes.Single(node => node.Port == endpoint.Port);
        Func<ConvoyRedisEndpoint, Task>? strike = fault switch
        {
            MasterFault.Kill => master => Node(master).KillAsync(),
            MasterFault.Hang => master => Node(master).HangAsync(),
            _ => null,
        };
        return await new DrillRun(options, writers, progress).RunAsync(fault, strike, cancellationToken);
    }

    private static Task<DrillReport> OnDeploymentAsync(
        ConvoyRedisOptions options, int writers, Action<string> progress, CancellationToken cancellationToken)
    {
        var target = options.Resolve();
        return target.Topology == ConvoyRedisTopology.Sentinel
            ? new DrillRun(options, writers, progress).RunAsync(MasterFault.Planned, null, cancellationToken)
            : throw new OptionsValidationException(Options.DefaultName, typeof(ConvoyRedisOptions),
                [$"A drill needs the scheme redis-sentinel; the settings describe {target}. Try --lab."]);
    }
}
