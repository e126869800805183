using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>The tables of <c>steady</c> about connections at rest and about planned changes.</summary>
internal static class ClusterReport
{
    public static IEnumerable<ResultTable> Create(SteadyResult result)
    {
        if (result.Rest is { } rest)
        {
            yield return new ResultTable(
                "At rest: commands a second that one connection asks of a node (of several, of the one that is asked most)",
                ["deployment", "node", "here", "plain StackExchange.Redis", "the difference, which is the watching", "here by command"],
                [.. rest.Select(row => (IReadOnlyList<string>)
                [
                    NameOf(row.Deployment), row.Role, Total(row.Own).Rate(), Total(row.Plain).Rate(), (Total(row.Own) - Total(row.Plain)).Rate(),
                    string.Join(", ", row.Own.Select(command => $"{command.Key.Replace('|', ' ')} {command.Value.Rate()}")),
                ])]);
        }

        if (result.Changes is { } changes)
        {
            yield return new ResultTable(
                "Planned changes of a cluster under full load, without retries (medians; failed, lost and repeated also the most)",
                ["change", "client", "runs", "acknowledged", "failed", "lost", "repeated", "longest call"],
                [.. changes.GroupBy(run => (run.Change, run.Client)).OrderBy(group => group.Key.Change).Select(group => Row([.. group]))]);
        }
    }

    private static IReadOnlyList<string> Row(IReadOnlyList<ChangeRun> runs)
    {
        string MedianAndMost(Func<ChangeRun, double> figure) => $"{runs.Select(figure).Median().Count()} ({runs.Max(figure).Count()})";
        var (change, writers) = (runs[0].Change, runs[0].Writers);
        return
        [
            change == ChangeKind.Failover ? $"`CLUSTER FAILOVER`, {writers} writers" : $"resharding to a node added a moment ago, {writers} writers",
            Contender.All.Single(client => client.Id == runs[0].Client).Name, $"{runs.Count}", runs.Select(run => (double)run.Acknowledged).Median().Count(),
            MedianAndMost(run => run.Failed), MedianAndMost(run => run.Lost), MedianAndMost(run => run.Repeated), runs.Select(run => run.LongestCall).Median().Duration(),
        ];
    }

    private static double Total(IReadOnlyDictionary<string, double> commands) => commands.Values.Sum();

    private static string NameOf(DeploymentKind kind) => kind switch
    {
        DeploymentKind.Sentinel => "3 nodes, 3 sentinels",
        DeploymentKind.Cluster => "cluster, 3 masters and 3 replicas",
        _ => "endpoint",
    };
}
