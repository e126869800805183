using ConvoyRedis.Benchmarks.Report;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>What so many processes of this library cost a deployment by its rules, beside what was measured. docs/scaling.md explains each.</summary>
internal static class FleetFormula
{
    /// <summary>The numbers of processes that it is worked out for.</summary>
    private static readonly int[] Sizes = [1_000, 10_000];

    /// <summary>The connections of a process to the master: commands and the role. One that subscribes has another; the clients of the benchmark do not.</summary>
    private const double MasterConnections = 2;

    /// <summary>The connections of a process to each sentinel.</summary>
    private const double SentinelConnections = 1;

    /// <summary>The ROLE commands a second of a process at the master.</summary>
    private const double MasterCommands = 1;

    /// <summary>The commands a second of a process at each sentinel: a question every 1.0 to 1.2 s, and 7 every 2 minutes.</summary>
    private const double SentinelCommands = (1 / 1.1) + (7 / 120.0);

    /// <summary>The ROLE commands of a process at the candidate until it is back: one on each of two connections, and one while it waits.</summary>
    private const double Roles = 3;

    /// <summary>The connections that a process opens to the candidate: to wait for the promotion, for the commands, for the role.</summary>
    private const double CandidateConnections = 3;

    public static ResultTable? Table(FleetResult result)
    {
        var rows = new List<IReadOnlyList<string>>();
        if (result.Rest.Where(rest => FleetReport.IsOurs(rest.Client) && !rest.IsTls).MaxBy(rest => rest.Clients) is { } rest)
        {
            double Of(FleetServer server, Func<FleetLoad, double> figure) => rest.Loads.Where(load => load.Server == server).Select(figure).Single();
            rows.Add(Row("at rest: connections at the master", MasterConnections, rest.Clients, Of(FleetServer.Master, load => load.Connected)));
            rows.Add(Row("at rest: connections at each sentinel", SentinelConnections, rest.Clients, Of(FleetServer.Sentinel, load => load.Connected)));
            rows.Add(Row("at rest: commands/s at the master", MasterCommands, rest.Clients, Of(FleetServer.Master, load => load.Commands) / rest.Seconds));
            rows.Add(Row("at rest: commands/s at each sentinel", SentinelCommands, rest.Clients, Of(FleetServer.Sentinel, load => load.Commands) / rest.Seconds));
            foreach (var (name, server) in new[] { ("the master", FleetServer.Master), ("each sentinel", FleetServer.Sentinel) })
                rows.Add(Row($"at rest: CPU of {name}, ms/s", null, rest.Clients, Of(server, load => load.CpuMilliseconds) / rest.Seconds));
        }

        var planned = result.Failovers.Where(run => FleetReport.IsOurs(run.Client) && run is { Fault: FleetFault.Planned, IsTls: false, Loads.Count: > 0 }).ToList();
        if (planned.Count > 0)
        {
            var most = planned.Max(run => run.Clients);
            double Median(Func<FleetRun, double> figure) => planned.Where(run => run.Clients == most).Select(figure).Median();
            rows.Add(Row("planned failover: ROLE at the candidate until all are back", Roles, most, FleetReport.Median([.. planned.Where(run => run.Clients == most)], run => run.RolesUntilBack)));
            rows.Add(Row("planned failover: connections opened to the candidate", CandidateConnections, most, Median(run => FleetReport.Load(run, FleetServer.Master).Received)));
            rows.Add(Row("planned failover: CPU of the candidate, ms", null, most, Median(run => FleetReport.Load(run, FleetServer.Master).CpuMilliseconds)));
            rows.Add(Row("planned failover: commands at each sentinel", null, most, Median(run => FleetReport.Load(run, FleetServer.Sentinel).Commands)));
            rows.Add(Row("planned failover: CPU of each sentinel, ms", null, most, Median(run => FleetReport.Load(run, FleetServer.Sentinel).CpuMilliseconds)));
        }

        return rows.Count == 0 ? null : new ResultTable(
            "By the formula, and measured",
            ["what", "a process, by the formula", "processes", "by the formula", "measured", .. Sizes.Select(size => $"by the formula for {((double)size).Count()}")], rows);
    }

    private static IReadOnlyList<string> Row(string what, double? each, int clients, double measured)
    {
        var ofOne = each ?? measured / clients;
        return
        [
            what, each is { } figure ? figure.Rate() : "–", $"{clients}", each is null ? "–" : (ofOne * clients).Count(),
            double.IsFinite(measured) ? measured.Count() : "–", .. Sizes.Select(size => (ofOne * size).Count()),
        ];
    }
}
