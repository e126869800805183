using ConvoyRedis.Shared;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Check;

/// <summary>The rows of a cluster as a whole.</summary>
internal static class ClusterRules
{
    private const double AllSlots = 16384;

    public static IEnumerable<CheckRow> Rows(DeploymentSurvey survey)
    {
        var deployment = CheckSubject.Deployment;
        var views = survey.Nodes.Select(node => node.Cluster).OfType<NodeInfo>().ToList();
        if (views.Count == 0)
        {
            yield return survey.Nodes.Any(node => node.Info?["cluster_enabled"] == "0")
                ? deployment.Judge("cluster_state", isOk: false, "no cluster", "ok",
                    "Set a single host, or the scheme redis-sentinel: several addresses mean a cluster, but no node belongs to one.", CheckStatus.Failure)
                : deployment.NotVisible("cluster_state", "ok");
            yield break;
        }

        var worst = views.FirstOrDefault(view => view["cluster_state"] != "ok") ?? views[0];
        yield return deployment.Judge("cluster_state", worst["cluster_state"] == "ok", worst["cluster_state"] ?? "", "ok",
            "Restart the masters that are down, or promote their replicas (CLUSTER FAILOVER).", CheckStatus.Failure);
        yield return deployment.Measure("cluster_slots_ok", worst.Number("cluster_slots_ok"), "",
            slots => slots == AllSlots ? CheckStatus.Ok : CheckStatus.Failure, $"{AllSlots}",
            "Bring back the masters of the other slots, whose keys are not served.");
        var lonely = survey.Masters.Count(master => master.Info?.Number("connected_slaves") == 0);
        yield return deployment.Judge("masters without a replica", lonely == 0, $"{lonely}", "0", Remedies.ReplicaDown, number: lonely);
    }
}
