using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Check;

/// <summary>The rows of the shards of a cluster: who serves their slots, and who could take over.</summary>
/// <param name="cluster">What the nodes show.</param>
internal sealed class ShardRules(ClusterSurvey cluster)
{
    public IEnumerable<CheckRow> Rows() => cluster.Masters.SelectMany(Rows);

    private IEnumerable<CheckRow> Rows(ClusterMember master)
    {
        var subject = new CheckSubject(SubjectKind.Shard, SlotText.Of(master.Slots));
        var slots = SlotText.Count(master.Slots);
        yield return subject.Show("slots", $"{slots}", slots);
        yield return subject.Judge("master", !cluster.IsDown(master), cluster.Describe(master), "up",
            $"If a failover is in progress, wait until it ends. If it does not end: {Remedies.ShardDown}", CheckStatus.Failure);
        var replicas = cluster.Layout.ReplicasOf(master).OrderBy(replica => replica.Endpoint.ToString(), StringComparer.Ordinal).ToList();
        var standing = replicas.Count(replica => !cluster.IsDown(replica));
        yield return subject.Judge("replicas", standing > 0, replicas.Count == 0 ? "none" : string.Join(", ", replicas.Select(cluster.Describe)), ">= 1 up",
            Remedies.ShardWithoutReplica, number: standing);
        yield return subject.Show("epoch", $"{master.ConfigEpoch}", master.ConfigEpoch);
    }
}
