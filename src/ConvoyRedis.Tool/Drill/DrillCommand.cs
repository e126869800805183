using System.CommandLine;
using System.CommandLine.Parsing;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Tool.CommandLine;
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
        var lab = new Option<string?>("--lab")
        {
            Description = "Start a deployment on this machine, and run the drill on it: sentinel (3 Redis nodes and 3 sentinels, the default), cluster "
                + "(3 masters and 3 replicas) or endpoint (2 nodes behind a name).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        lab.AcceptOnlyFromAmong(DrillLab.Sentinel, DrillLab.Cluster, DrillLab.Endpoint);
        var fault = new Option<string?>("--fault")
        {
            HelpName = "fault",
            Description = "The fault: planned (SENTINEL FAILOVER; in a cluster, CLUSTER FAILOVER of one shard; the default). With --lab also kill (kill -9) "
                + "or hang (SIGSTOP). With --lab endpoint: moves (the replica takes over, and the name leads to it; the default) or silent (the node "
                + "stops answering; then the name moves).",
        };
        fault.AcceptOnlyFromAmong([.. Enum.GetNames<DrillFault>().Select(name => name.ToLowerInvariant())]);
        var writers = new Option<int>("--writers") { HelpName = "number", Description = "How many tasks write.", DefaultValueFactory = _ => DefaultWriters };
        writers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--writers must be at least 1.");
        });
        var json = new Option<bool>("--json") { Description = "Write one JSON object to standard output, and nothing else." };
        var quiet = QuietOption.Create("Write only the result, not the progress.");
        var file = new Option<string?>("--report")
        {
            Description = "Write the result to this file as well, as Markdown (.md) or as HTML with a picture (.html).",
            HelpName = "file",
        };
        var command = new ToolCommand("drill", "Starts a failover of the configured deployment while it writes to it, and shows what a service would notice.")
        {
            Details = "The deployment must have sentinels, or be a cluster. With --lab, the drill starts a deployment for itself, and leaves the configured one alone. "
                + "Convoy's guide asks for this test before going to production. The keys of a drill (convoy-redis:drill:*) expire within 10 minutes.",
            Examples =
            [
                ("convoy-redis drill", "starts a planned failover of the configured deployment"),
                ("convoy-redis drill --report drill.html", "does the same, and writes a page to keep"),
                ("convoy-redis drill --lab", "uses 3 nodes and 3 sentinels that it starts for itself"),
                ("convoy-redis drill --lab cluster --fault kill", "kills a master of a cluster"),
                ("convoy-redis drill --lab endpoint --fault silent", "lets a node behind a name fall silent"),
            ],
        };
        foreach (var option in (Option[])[lab, fault, writers, file, quiet, json])
            command.Options.Add(option);
        input.AddTo(command);
        command.Validators.Add(result =>
        {
            if (Problem(LabOf(result, lab), FaultOf(result, lab, fault)) is { } problem)
                result.AddError(problem);
            if (result.GetValue(file) is { } path && DrillFile.Problem(file.Name, path) is { } wrong)
                result.AddError(wrong);
        });
        command.SetAction((parsed, cancellationToken) => Guarded.RunAsync(async () =>
        {
            Action<string> progress = parsed.GetValue(json) || parsed.GetValue(quiet) ? _ => { } : line => AnsiConsole.MarkupLineInterpolated($"[grey]{line}[/]");
            var (where, what) = (LabOf(parsed.CommandResult, lab), FaultOf(parsed.CommandResult, lab, fault));
            var report = where is null
                ? await new DrillRun(input.Load(parsed), Deployment, parsed.GetValue(writers), progress).RunAsync(what, null, cancellationToken)
                : await OnLabAsync(where, what, parsed.GetValue(writers), progress, cancellationToken);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(report.ToJson());
            else
                DrillView.Show(AnsiConsole.Console, report);
            if (parsed.GetValue(file) is { } path)
                DrillFile.Write(path, report);
            return ExitCode.Ok;
        }));
        return command;
    }

    private static string? LabOf(SymbolResult result, Option<string?> lab) =>
        result.GetResult(lab) is null ? null : result.GetValue(lab) ?? DrillLab.Sentinel;

    private static DrillFault FaultOf(SymbolResult result, Option<string?> lab, Option<string?> fault) =>
        Enum.TryParse<DrillFault>(result.GetValue(fault), ignoreCase: true, out var given) ? given
            : LabOf(result, lab) == DrillLab.Endpoint ? DrillFault.Moves : DrillFault.Planned;

    private static string? Problem(string? lab, DrillFault fault) => (lab, fault) switch
    {
        (DrillLab.Endpoint, DrillFault.Moves or DrillFault.Silent) => null,
        (DrillLab.Endpoint, _) => "--lab endpoint requires --fault moves or --fault silent.",
        (_, DrillFault.Moves or DrillFault.Silent) => "--fault moves and --fault silent require --lab endpoint.",
        (null, not DrillFault.Planned) => "--fault kill and --fault hang require --lab, which starts a deployment for the drill.",
        _ => null,
    };

    private static async Task<DrillReport> OnLabAsync(
        string lab, DrillFault fault, int writers, Action<string> progress, CancellationToken cancellationToken)
    {
        await using var started = await DrillLab.StartAsync(lab, fault, progress, cancellationToken);
        return await new DrillRun(started.Options, started.FixedEndpoint is { } endpoint ? (_, _) => endpoint : Deployment, writers, progress)
            .RunAsync(fault, started.Strike, cancellationToken);
    }

    private static IDrillDeployment Deployment(ConvoyRedisTarget target, DeploymentDialers dialers) => target.Topology switch
    {
        ConvoyRedisTopology.Sentinel => new SentinelDeployment(target, dialers),
        ConvoyRedisTopology.Cluster => new ClusterDeployment(target, dialers.Nodes),
        _ => throw new OptionsValidationException(Options.DefaultName, typeof(ConvoyRedisOptions),
            [$"A drill needs the scheme redis-sentinel, or a cluster; the settings describe {target}. Try --lab."]),
    };
}
