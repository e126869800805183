using System.CommandLine;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Connect;
using ConvoyRedis.Benchmarks.Failover;
using ConvoyRedis.Benchmarks.Fleet;
using ConvoyRedis.Benchmarks.Report;
using ConvoyRedis.Benchmarks.Replicas;
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

var fleetParts = new Option<FleetPart[]>("--part") { Description = "Only this part; may be given several times.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Enum.GetValues<FleetPart>() };
var fleetFaults = new Option<FleetFault[]>("--fault") { Description = "Only this fault; may be given several times.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Enum.GetValues<FleetFault>() };
var fleetOnly = new Option<string[]>("--client") { Description = "Only this client; may be given several times.", AllowMultipleArgumentsPerToken = true };
fleetOnly.AcceptOnlyFromAmong([.. FleetOrder.ClientIds]);
var fleetRuns = new Option<int>("--runs") { Description = "How often the clients meet each fault.", DefaultValueFactory = _ => 5 };
var sizes = new Option<string?>("--clients") { Description = "How many clients there are at a time: 1,10,50,200." };
sizes.Validators.Add(result =>
{
    if (Sizes(result.GetValueOrDefault<string?>()) is { } given && given.Any(size => size < 1))
        result.AddError("--clients takes numbers above 0, separated by commas.");
});
var tls = new Option<bool>("--tls") { Description = "Everything once more, with TLS." };
static IReadOnlyList<int>? Sizes(string? text) => text is null ? null : [.. text.Split(',').Select(part => int.TryParse(part, out var size) ? size : 0)];

IReadOnlyList<Contender> Contenders(ParseResult parsed, Option<string[]> only)
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

// A file for each deployment: each can be measured again alone.
static string FailoverFile(DeploymentKind kind) => $"failover-{kind.ToString().ToLowerInvariant()}";
void RenderFailover(string folder) =>
    ResultFiles.Render<IReadOnlyList<FailoverRun>>(folder, "failover", all => FailoverReport.Create([.. all.SelectMany(runs => runs)]), [.. Enum.GetValues<DeploymentKind>().Select(FailoverFile)]);
void RenderConnect(string folder) => ResultFiles.Render<IReadOnlyList<ConnectRun>>(folder, "connect", all => ConnectReport.Create(all[0]));
void RenderSteady(string folder) => ResultFiles.Render<SteadyResult>(folder, "steady", all => SteadyReport.Create(all[0]));
static string FleetFile(FleetPart part) => $"fleet-{part.ToString().ToLowerInvariant()}";
void RenderFleet(string folder) =>
    ResultFiles.Render<FleetResult>(folder, "fleet", parts => FleetReport.Create(FleetResult.Of(parts)), [.. Enum.GetValues<FleetPart>().Select(FleetFile)]);
void RenderReplicas(string folder) => ResultFiles.Render<ReplicaResult>(folder, "replicas", all => ReplicaReport.Create(all[0]));
void RenderScale(string folder) => ResultFiles.Render<IReadOnlyList<ScaleRun>>(folder, "scale", all => ScaleReport.Create(all[0]));

var failover = new Command("failover", "Faults to the master: how long each client needs, and what it loses.") { runs, quick, only, deployments, faults };
failover.SetAction(async (parsed, cancellationToken) =>
{
    var (count, isQuick) = (parsed.GetValue(quick) ? 1 : parsed.GetValue(runs), parsed.GetValue(quick));
    IReadOnlyList<Scenario> scenarios = [.. Scenario.All.Where(scenario => parsed.GetValue(deployments)!.Contains(scenario.Kind) && parsed.GetValue(faults)!.Contains(scenario.Name))];
    var measured = await FailoverBenchmark.RunAsync(Contenders(parsed, only), scenarios, count, isQuick, cancellationToken);
    foreach (var kind in scenarios.Select(scenario => scenario.Kind).Distinct())
    {
        var ofKind = scenarios.Where(scenario => scenario.Kind == kind).Select(scenario => scenario.Id).ToList();
        ResultFiles.Save<IReadOnlyList<FailoverRun>>(parsed.GetValue(output)!, FailoverFile(kind), command, [.. measured.Where(run => ofKind.Contains(run.Fault))]);
    }

    RenderFailover(parsed.GetValue(output)!);
});
var connect = new Command("connect", "The first connection, with sentinels well, hung, dead and unresolvable.") { runs, quick, only };
connect.SetAction(async (parsed, cancellationToken) =>
{
    var count = parsed.GetValue(quick) ? 1 : parsed.GetValue(runs);
    var measured = await ConnectBenchmark.RunAsync(Contenders(parsed, only), count, cancellationToken);
    ResultFiles.Save(parsed.GetValue(output)!, "connect", command, measured);
    RenderConnect(parsed.GetValue(output)!);
});
var steady = new Command("steady", "What commands cost, a connection at rest, and planned changes of a cluster, beside plain StackExchange.Redis.") { runs, quick, parts };
steady.SetAction(async (parsed, cancellationToken) =>
{
    var count = parsed.GetValue(quick) ? 1 : parsed.GetValue(runs);
    var measured = await SteadyBenchmark.RunAsync(parsed.GetValue(parts)!, count, parsed.GetValue(quick), cancellationToken);
    ResultFiles.Save(parsed.GetValue(output)!, "steady", command, measured);
    RenderSteady(parsed.GetValue(output)!);
});
var scale = new Command("scale", "Many registered connections, and more or fewer sentinels.");
scale.SetAction(async (parsed, cancellationToken) =>
{
    ResultFiles.Save(parsed.GetValue(output)!, "scale", command, await ScaleBenchmark.RunAsync(cancellationToken));
    RenderScale(parsed.GetValue(output)!);
});
var replicas = new Command("replicas", "Reads from replicas: how many, and how they go on through faults.") { runs, quick };
replicas.SetAction(async (parsed, cancellationToken) =>
{
    var (count, isQuick) = (parsed.GetValue(quick) ? 1 : parsed.GetValue(runs), parsed.GetValue(quick));
    ResultFiles.Save(parsed.GetValue(output)!, "replicas", command, await ReplicaBenchmark.RunAsync(count, isQuick, cancellationToken));
    RenderReplicas(parsed.GetValue(output)!);
});
var fleet = new Command("fleet", "Many clients that share nothing: what they cost, and how they meet a failover.") { fleetParts, sizes, fleetRuns, quick, fleetOnly, fleetFaults, tls };
fleet.SetAction(async (parsed, cancellationToken) =>
{
    var isQuick = parsed.GetValue(quick);
    var order = new FleetOrder(
        [.. Contenders(parsed, fleetOnly).Where(contender => FleetOrder.ClientIds.Contains(contender.Id))],
        Sizes(parsed.GetValue(sizes)) ?? (isQuick ? FleetOrder.QuickSizes : FleetOrder.AllSizes),
        parsed.GetValue(fleetFaults)!,
        parsed.GetValue(tls) ? [false, true] : [false],
        isQuick ? 1 : parsed.GetValue(fleetRuns),
        isQuick);
    foreach (var part in parsed.GetValue(fleetParts)!)
        ResultFiles.Save(parsed.GetValue(output)!, FleetFile(part), command, await FleetBenchmark.RunAsync(part, order, cancellationToken));
    RenderFleet(parsed.GetValue(output)!);
});
var report = new Command("report", "Draws tables and pictures again from the JSON files, and puts tables into the README and the docs.");
report.SetAction(parsed =>
{
    var folder = parsed.GetValue(output)!;
    RenderFailover(folder);
    RenderConnect(folder);
    RenderSteady(folder);
    RenderScale(folder);
    RenderReplicas(folder);
    RenderFleet(folder);
    if (parsed.GetResult(output) is not { Implicit: false })
    {
        ResultFiles.Quote(folder, "README.md");
        ResultFiles.Quote(folder, "docs/figures.md");
        ResultFiles.Quote(folder, "docs/scaling.md");
        ResultFiles.Quote(folder, "docs/replicas.md");
    }
});
var id = new Argument<string>("id");
var client = new Command("client", "The process of one client.") { id };
client.Hidden = true;
client.SetAction(parsed => ClientHost.RunAsync(parsed.GetValue(id)!));
var fleetId = new Argument<string>("id");
var fleetClient = new Command("fleet-client", "The process of many clients.") { fleetId };
fleetClient.Hidden = true;
fleetClient.SetAction(parsed => FleetHost.RunAsync(parsed.GetValue(fleetId)!));
return await new RootCommand("Measurements on real Redis and Sentinel processes, beside what else there is, in one run.")
{
    failover, connect, steady, scale, replicas, fleet, report, client, fleetClient, output,
}.Parse(args).InvokeAsync();
