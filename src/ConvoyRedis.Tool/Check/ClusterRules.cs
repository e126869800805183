using System.Globalization;
using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Shared;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Check;

/// <summary>The rows of a cluster as a whole: whether it serves every slot, whether its nodes agree, and how long a failover takes.</summary>
internal sealed class ClusterRules(DeploymentSurvey survey)
{
    /// <summary>
    /// What a failover takes beyond the timeout, in seconds: the masters tell each other that one of them is gone, and a replica waits for 0.5 to 1 s
    /// before it asks them for their votes (Redis's cluster.c: clusterHandleSlaveFailover).
    /// </summary>
    private const double ElectionSeconds = 2;

    private static CheckSubject Deployment => CheckSubject.Deployment;

    public IEnumerable<CheckRow> Rows()
    {
        var states = survey.Nodes.Select(node => node.Cluster).OfType<NodeInfo>().ToList();
        if (states.Count == 0)
        {
            return [survey.Nodes.Any(node => node.Info?["cluster_enabled"] == "0")
                ? Deployment.Judge("cluster_state", isOk: false, "no cluster", "ok",
                    "Set a single host, or the scheme redis-sentinel: several addresses mean a cluster, but no node belongs to one.", CheckStatus.Failure)
                : Deployment.NotVisible("cluster_state", "ok")];
        }

        return
        [
            .. States(states),
            .. survey.Cluster is { } cluster ? Layouts(cluster) : [Deployment.NotVisible("slots", null)],
            NodeTimeout(Values(SettingRule.NodeTimeout)),
            FullCoverage(Values(SettingRule.FullCoverage)),
        ];
    }

    private static IEnumerable<CheckRow> States(List<NodeInfo> states)
    {
        var worst = states.Find(state => state["cluster_state"] != "ok") ?? states[0];
        yield return Deployment.Judge("cluster_state", worst["cluster_state"] == "ok", worst["cluster_state"] ?? "", "ok",
            "Restart the masters that are down, or promote their replicas (CLUSTER FAILOVER).", CheckStatus.Failure);
        yield return Deployment.Measure("cluster_slots_ok", worst.Number("cluster_slots_ok"), "",
            slots => slots == ClusterLayout.AllSlots ? CheckStatus.Ok : CheckStatus.Failure, $"{ClusterLayout.AllSlots}",
            "Bring back the masters of the other slots, whose keys are not served.");
    }

    private static IEnumerable<CheckRow> Layouts(ClusterSurvey cluster)
    {
        var uncovered = SlotText.Uncovered(cluster.Layout);
        yield return Deployment.Judge("slots", uncovered.Count == 0, uncovered.Count == 0 ? "all have a master" : $"{SlotText.Of(uncovered)} without a master",
            "all have a master", Remedies.SlotsWithoutMaster, CheckStatus.Failure);
        var (dissenters, newest) = (cluster.Dissenters.ToList(), cluster.Layout.HighestEpoch);
        yield return Deployment.Judge("layout", dissenters.Count == 0,
            dissenters.Count == 0 ? $"the same on {cluster.Views} nodes, epoch {newest}" : $"differs on {dissenters.Count} of {cluster.Views} nodes",
            "the same on every node",
            $"{string.Join(' ', dissenters.Select(node => $"{node.Endpoint} knows epoch {node.Layout!.HighestEpoch}; the highest is {newest}."))} "
            + $"If a failover or a resharding is in progress, wait until it ends. If they still differ: {Remedies.ClusterBus}");
    }

    private CheckRow NodeTimeout(List<string> values)
    {
        var patience = survey.Target.CommandTimeout.TotalSeconds;
        var healthy = $"failover within {Number(patience)} s";
        if (values.Count == 0)
            return Deployment.NotVisible(SettingRule.NodeTimeout, healthy);
        var seconds = values.Select(Seconds).ToList();
        var failover = seconds.Max() + ElectionSeconds;
        return Deployment.Judge(SettingRule.NodeTimeout, values.Count == 1 && failover <= patience,
            $"{string.Join(" or ", seconds.Select(Number))} s: a failover takes about {Number(failover)} s", healthy, values.Count > 1
                ? "Set the same value on every node."
                : $"Lower it, or raise command_timeout ({Number(patience)} s): otherwise commands time out before a failover ends.",
            number: seconds.Max());
    }

    private static CheckRow FullCoverage(List<string> values) => values switch
    {
        [] => Deployment.NotVisible(SettingRule.FullCoverage, null),
        ["yes"] => Deployment.Show(SettingRule.FullCoverage, "yes: while one shard has no master, also in a failover, no key is served"),
        ["no"] => Deployment.Show(SettingRule.FullCoverage, "no: while one shard has no master, the others serve their keys"),
        _ => Deployment.Judge(SettingRule.FullCoverage, isOk: false, string.Join(" or ", values), null, "Set the same value on every node."),
    };

    private List<string> Values(string setting) =>
        [.. survey.Nodes.Select(node => node.Settings.GetValueOrDefault(setting)).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    private static double Seconds(string milliseconds) => double.TryParse(milliseconds, CultureInfo.InvariantCulture, out var number) ? number / 1000 : 0;

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);
}
