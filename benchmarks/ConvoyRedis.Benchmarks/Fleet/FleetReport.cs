using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>The tables and the picture of <c>fleet</c>.</summary>
internal static class FleetReport
{
    private const string NotMeasured = "–";

    public static BenchmarkReport Create(FleetResult result)
    {
        var runs = result.Failovers;
        List<ResultTable?> tables =
        [
            runs.Count > 0 ? Lags(runs) : null,
            FleetGoals.Table(result) is { Rows.Count: > 0 } goals ? goals : null,
            runs.Count > 0 ? Failovers(runs) : null,
            result.Rest.Count > 0 ? Rest(result.Rest) : null,
            result.Drills.Count > 0 ? Drills(result.Drills) : null,
            result.Watched is { Count: > 0 } watched ? Watched(watched) : null,
            FleetFormula.Table(result),
        ];
        return new BenchmarkReport("Many clients that share nothing", [.. tables.OfType<ResultTable>()], [.. Notes(result)], Picture(runs));
    }

    /// <summary>A lag, which may be never.</summary>
    public static string Lag(double? milliseconds) => Text(milliseconds ?? double.PositiveInfinity);

    /// <summary>Milliseconds as a duration.</summary>
    public static string Text(double milliseconds) => milliseconds.Duration();

    /// <summary>The median over runs, in which never is longer than all else.</summary>
    public static double Median(IReadOnlyList<FleetRun> runs, Func<FleetRun, double?> figure) => runs.Select(run => figure(run) ?? double.PositiveInfinity).Median();

    public static bool IsOurs(string client) => Contender.All.Any(contender => contender.Id == client && contender.IsOurs);

    public static FleetLoad Load(FleetRun run, FleetServer server) => run.Loads.Single(load => load.Server == server);

    /// <summary>A figure of a load at rest, for each client and second.</summary>
    public static double PerSecond(FleetRest rest, FleetServer server, Func<FleetLoad, double> figure) =>
        rest.Loads.Where(load => load.Server == server).Select(figure).Single() / rest.Seconds / rest.Clients;

    public static string Name(FleetFault fault) => fault switch
    {
        FleetFault.Kill => "master killed",
        FleetFault.Planned => "planned",
        FleetFault.Hang => "master hung",
        _ => "full outage",
    };

    private static string Name(string client) => Contender.All.Single(contender => contender.Id == client).Name;

    private static IEnumerable<IGrouping<(FleetFault Fault, bool IsTls, int Clients), FleetRun>> Scenes(IReadOnlyList<FleetRun> runs) =>
        runs.GroupBy(run => (run.Fault, run.IsTls, run.Clients)).OrderBy(scene => scene.Key.IsTls).ThenBy(scene => scene.Key.Fault).ThenBy(scene => scene.Key.Clients);

    private static string Scene((FleetFault Fault, bool IsTls, int Clients) scene) => Name(scene.Fault) + (scene.IsTls ? ", TLS" : "");

    private static ResultTable Lags(IReadOnlyList<FleetRun> runs)
    {
        List<string> clients = [.. Contender.All.Select(contender => contender.Id).Where(id => runs.Any(run => run.Client == id))];
        string Cell(IEnumerable<FleetRun> scene, string client)
        {
            var own = scene.Where(run => run.Client == client).ToList();
            return own.Count == 0 ? NotMeasured
                : $"{Text(Median(own, run => run.LagMedian))} / {Text(Median(own, run => run.LagP99))} / {Text(Median(own, run => run.LagLast))}";
        }

        return new ResultTable(
            "Lag of the median client, of the 99th of 100, and of the last",
            ["fault", "clients", .. clients.Select(Name)],
            [.. Scenes(runs).Select(scene => (IReadOnlyList<string>)[Scene(scene.Key), $"{scene.Key.Clients}", .. clients.Select(client => Cell(scene, client))])]);
    }

    private static ResultTable Failovers(IReadOnlyList<FleetRun> runs) => new(
        "In a failover, for each client",
        [
            "fault", "clients", "client", "runs", "promotion before the observer's write", "candidate: ROLE until all are back", "candidate: connections opened", "candidate: commands",
            "candidate: CPU", "former master: commands", "a sentinel: connections opened", "a sentinel: commands", "a sentinel: CPU", "all servers: CPU", "failed", "longest call", "never back",
        ],
        [.. Scenes(runs).SelectMany(scene => scene.GroupBy(run => run.Client), (scene, own) => Failover(scene.Key, own.Key, [.. own]))]);

    private static IReadOnlyList<string> Failover((FleetFault Fault, bool IsTls, int Clients) scene, string client, IReadOnlyList<FleetRun> runs)
    {
        string Each(FleetServer server, Func<FleetLoad, double> figure) =>
            runs.SelectMany(run => run.Loads, (run, load) => (run.Clients, Load: load)).Where(one => one.Load.Server == server).ToList() is { Count: > 0 } loads
                ? loads.Select(one => figure(one.Load) / one.Clients).Median().Rate() : NotMeasured;
        string Cpu(FleetServer server) => Each(server, load => load.CpuMilliseconds) is var cpu && cpu == NotMeasured ? cpu : $"{cpu} ms";
        string IfAll(Func<FleetRun, double?> figure, Func<double, string> text) => Median(runs, figure) is var median && double.IsFinite(median) ? text(median) : NotMeasured;
        return
        [
            Scene(scene), $"{scene.Clients}", Name(client), $"{runs.Count}", IfAll(run => run.PromotionBefore, Text), IfAll(run => run.RolesUntilBack / run.Clients, Figures.Rate),
            Each(FleetServer.Master, load => load.Received), Each(FleetServer.Master, load => load.Commands), Cpu(FleetServer.Master), Each(FleetServer.FormerMaster, load => load.Commands),
            Each(FleetServer.Sentinel, load => load.Received), Each(FleetServer.Sentinel, load => load.Commands), Cpu(FleetServer.Sentinel), Cpu(FleetServer.All),
            IfAll(run => (double?)run.Failed / run.Clients, Figures.Rate), IfAll(run => run.LongestCall, Text), $"{runs.Sum(run => run.Never)} of {runs.Sum(run => run.Clients)}",
        ];
    }

    private static ResultTable Rest(IReadOnlyList<FleetRest> rests) => new(
        "At rest, for each client",
        [
            "clients", "client", "master: connections", "master: commands/s", "master: CPU, ms/s", "a replica: connections", "a replica: commands/s", "a sentinel: connections",
            "a sentinel: commands/s", "a sentinel: CPU, ms/s", "all servers: CPU, ms/s", "the client: CPU, ms/s",
        ],
        [.. rests.OrderBy(rest => rest.IsTls).Select(rest =>
        {
            string Connections(FleetServer server) => (rest.Loads.Single(load => load.Server == server).Connected / rest.Clients).Rate();
            string Commands(FleetServer server) => PerSecond(rest, server, load => load.Commands).Rate();
            string Cpu(FleetServer server) => PerSecond(rest, server, load => load.CpuMilliseconds).Ratio();
            return (IReadOnlyList<string>)
            [
                $"{rest.Clients}{(rest.IsTls ? ", TLS" : "")}", Name(rest.Client), Connections(FleetServer.Master), Commands(FleetServer.Master), Cpu(FleetServer.Master),
                Connections(FleetServer.Replica), Commands(FleetServer.Replica), Connections(FleetServer.Sentinel), Commands(FleetServer.Sentinel), Cpu(FleetServer.Sentinel),
                Cpu(FleetServer.All), (rest.ClientCpuMilliseconds / rest.Seconds / rest.Clients).Ratio(),
            ];
        })]);

    private static ResultTable Drills(IReadOnlyList<FleetDrill> drills) => new(
        "Planned failovers in a row",
        ["writers", "bytes of a write", "failovers", "writes acknowledged", "failed", "lost", "repeated", "longest call: median", "most"],
        [.. drills.GroupBy(drill => (drill.Writers, drill.PayloadBytes)).Select(row => (IReadOnlyList<string>)
        [
            $"{row.Key.Writers}", ((double)row.Key.PayloadBytes).Count(), $"{row.Count()}", ((double)row.Sum(drill => drill.Acknowledged)).Count(),
            $"{row.Sum(drill => drill.Failed)}", $"{row.Sum(drill => drill.Lost)}", $"{row.Sum(drill => drill.Repeated)}",
            Text(row.Select(drill => drill.LongestCall).Median()), Text(row.Max(drill => drill.LongestCall)),
        ])]);

    private static ResultTable Watched(IReadOnlyList<FleetWatch> watched) => new(
        "A candidate that is watched",
        ["watchers", "rounds", "copied/s without", "copied/s with", "ratio: median", "ROLE/s"],
        [[
            $"{watched[0].Watchers}", $"{watched.Count}", $"{watched.Select(watch => watch.Alone).Median() / 1e6:0.0} MB", $"{watched.Select(watch => watch.Watched).Median() / 1e6:0.0} MB",
            watched.Select(watch => watch.Watched / watch.Alone).Median().Ratio(), watched.Select(watch => watch.Roles).Median().Count(),
        ]]);

    private static IEnumerable<string> Notes(FleetResult result)
    {
        yield return "All clients of a run are in one process and share only that: each has its own connections. The servers, the clients and the observer share the machine. "
            + "A client that comes back alone, but never as one of many, may fail only for what they share, the thread pool above all.";
        if (result.Rest.Count + result.Failovers.Count > 0)
        {
            yield return "At rest and in a failover, .NET runs the clients without profile-guided compilation, and with a garbage collection after 256 MB (DOTNET_TieredPGO, DOTNET_GCgen0size): in one "
                + "process with 200 clients, both would delay all of them at once.";
        }

        if (result.Drills.Count > 0)
            yield return "Planned failovers in a row: on one deployment, while the callers of one client of this library write without a pause of more than 1 ms.";
        if (result.Watched is { Count: > 0 })
        {
            yield return "A candidate that is watched for its promotion: for 5 s, from 1 s after the watchers began, when each asks every 0.25 to 0.5 s. Most promotions come within 0.1 s of "
                + "the order, while they ask every 50 to 100 ms, which is not measured. The watchers share the two cores with the servers, and four callers write to the master. In alternation with the same "
                + "without watchers.";
        }

        if (result.Failovers.Count > 0)
        {
            yield return "Lag: from the observer's first write on the new master to a client's first one there; of more than one run, the median. What servers do in a failover is counted from the "
                + $"fault to {FleetMeasurement.Watched.TotalSeconds:0} s after the promotion.";
            yield return "Each client has one caller. It writes 20 ms after its last write was acknowledged (0.2 ms for each client, where that is longer), and 2 ms after one failed "
                + "(0.1 ms for each client). A client that has no write waiting when the new master takes writes can therefore not be seen before its next one. A call that takes longer "
                + "than 0.25 s is left to itself, and the next one begins.";
            yield return "The value of a write shows which node carried it out. The observer has an idle connection to each replica, which the promotion ends; then it tries a write each millisecond. "
                + "Its own first write is late where the new master is busy with the clients: the table of the failover says how much.";
            yield return $"In a full outage, all nodes and sentinels are killed, and started again together after 5 s. *Never*: not within {FleetFailovers.Limit(isQuick: false).TotalSeconds:0} s "
                + $"({FleetFailovers.Limit(isQuick: true).TotalSeconds:0} s with --quick); after {FleetFailovers.MostNevers} runs in which no client came back, no further one.";
        }

        yield return "Figures of servers are those of INFO, less what the servers do without clients, and without the clients' writes (the CPU of the writes is included). Of the sentinels and of the replicas, "
            + "the one with the most commands is shown. CPU is what the kernel accounts to the process (used_cpu_sys and used_cpu_user).";
    }

    private static BarPicture Picture(IReadOnlyList<FleetRun> runs)
    {
        var own = runs.Where(run => IsOurs(run.Client)).ToList();
        var panels = Scenes(own).GroupBy(scene => (scene.Key.Fault, scene.Key.IsTls)).Select(panel => new BarPicture.Panel(
            Name(panel.Key.Fault) + (panel.Key.IsTls ? ", TLS" : ""),
            [.. panel.SelectMany(scene => scene.GroupBy(run => run.Client), (scene, ofOne) => Bar(scene.Key.Clients, ofOne.Key, [.. ofOne]))], [])).ToList();
        var most = panels.SelectMany(panel => panel.Bars).Select(bar => bar.To).OfType<double>().DefaultIfEmpty(1).Max();
        return new BarPicture("This library: from the median client to the last one", "milliseconds since the observer's first write on the new master", 0, Math.Ceiling(most / 10) * 10, panels);
    }

    private static BarPicture.Bar Bar(int clients, string client, IReadOnlyList<FleetRun> runs)
    {
        var (median, last) = (Median(runs, run => run.LagMedian), Median(runs, run => run.LagLast));
        return new BarPicture.Bar(
            $"{clients} × {Name(client)}", Math.Max(0, double.IsFinite(median) ? median : 0), double.IsFinite(last) ? last : null, $"{Text(median)} – {Text(last)}", IsOurs: true);
    }
}
