using System.CommandLine;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Connect;
using ConvoyRedis.Benchmarks.Failover;
using ConvoyRedis.Benchmarks.Report;
using ConvoyRedis.Benchmarks.Scale;
using ConvoyRedis.Benchmarks.Steady;

var output = new Option<string>("--output") { Description = "The folder for what was measured.", DefaultValueFactory = _ => "benchmarks/results", Recursive = true };
var quick = new Option<bool>("--quick") { Description = "The order and the magnitudes, in a few minutes." };
var only = new Option<string[]>("--client") { Description = "Only this client; may be given several times.", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong([.. Contender.All.Select(contender => contender.Id)]);
string[] allFaults = [.. Scenario.All.Select(scenario => scenario.Name).Distinct()];
var faults = new Option<string[]>("--fault") { Description = "Only this fault; may be given several times.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => allFaults };
faults.AcceptOnlyFromAmong(allFaults);
var deployments = new Option<DeploymentKind[]>("--deployment") { Description = "Only this deployment; may be given several times.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Enum.GetValues<DeploymentKind>() };
var runs = new Option<int>("--runs") { Description = "How often each client meets each situation.", DefaultValueFactory = _ => 10 };

var parts = new Option<SteadyPart[]>("--part") { Description = "Only this part; may be given several times.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Enum.GetValues<SteadyPart>() };

var command = string.Join(' ', args);

IReadOnlyList<Contender> Contenders(ParseResult parsed)
{
    if (NpmClients.WhyNot is { } reason)
        Console.WriteLine(reason);
    IReadOnlyList<Contender> contenders = [.. Contender.All.Where(contender => (contender.ConnectAsync is not null || NpmClients.WhyNot is null)
        && (parsed.GetValue(only) is not { Length: > 0 } chosen || chosen.Contains(contender.Id)))];
    if (contenders.Count > 0)
        return contenders;
    Console.Error.WriteLine("No client is left to measure.");
    Environment.Exit(1);
    return contenders;
}

var failover = new Command("failover", "Faults to the master: how long each client needs, and what it loses.") { runs, quick, only, deployments, faults };
failover.SetAction(async (parsed, cancellationToken) =>
{
    var (count, isQuick) = (parsed.GetValue(quick) ? 1 : parsed.GetValue(runs), parsed.GetValue(quick));
    IReadOnlyList<Scenario> scenarios = [.. Scenario.All.Where(scenario => parsed.GetValue(deployments)!.Contains(scenario.Kind) && parsed.GetValue(faults)!.Contains(scenario.Name))];
    var measured = await FailoverBenchmark.RunAsync(Contenders(parsed), scenarios, count, isQuick, cancellationToken);
    ResultFiles.Write(parsed.GetValue(output)!, "failover", command, measured, FailoverReport.Create);
});
var connect = new Command("connect", "The first connection, with sentinels well, hung, dead and unresolvable.") { runs, quick, only };
connect.SetAction(async (parsed, cancellationToken) =>
{
    var count = parsed.GetValue(quick) ? 1 : parsed.GetValue(runs);
    var measured = await ConnectBenchmark.RunAsync(Contenders(parsed), count, cancellationToken);
    ResultFiles.Write(parsed.GetValue(output)!, "connect", command, measured, ConnectReport.Create);
});
var steady = new Command("steady", "What commands cost, a connection at rest, and planned changes of a cluster, beside plain StackExchange.Redis.") { runs, quick, parts };
steady.SetAction(async (parsed, cancellationToken) =>
{
    var count = parsed.GetValue(quick) ? 1 : parsed.GetValue(runs);
    var measured = await SteadyBenchmark.RunAsync(parsed.GetValue(parts)!, count, parsed.GetValue(quick), cancellationToken);
    ResultFiles.Write(parsed.GetValue(output)!, "steady", command, measured, SteadyReport.Create);
});
var scale = new Command("scale", "Many registered connections, and more or fewer sentinels.");
scale.SetAction(async (parsed, cancellationToken) =>
    ResultFiles.Write(parsed.GetValue(output)!, "scale", command, await ScaleBenchmark.RunAsync(cancellationToken), ScaleReport.Create));
var report = new Command("report", "Draws tables and pictures again from the JSON files, and puts the first tables into the README.");
report.SetAction(parsed =>
{
    var folder = parsed.GetValue(output)!;
    ResultFiles.Render<IReadOnlyList<FailoverRun>>(folder, "failover", FailoverReport.Create);
    ResultFiles.Render<IReadOnlyList<ConnectRun>>(folder, "connect", ConnectReport.Create);
    ResultFiles.Render<SteadyResult>(folder, "steady", SteadyReport.Create);
    ResultFiles.Render<IReadOnlyList<ScaleRun>>(folder, "scale", ScaleReport.Create);
    if (parsed.GetResult(output) is not { Implicit: false })
        ResultFiles.Quote(folder, "README.md");
});
var id = new Argument<string>("id");
var client = new Command("client", "The process of one client.") { id };
client.Hidden = true;
client.SetAction(parsed => ClientHost.RunAsync(parsed.GetValue(id)!));
return await new RootCommand("Measurements on real Redis and Sentinel processes, beside what else there is, in one run.")
{
    failover, connect, steady, scale, report, client, output,
}.Parse(args).InvokeAsync();
