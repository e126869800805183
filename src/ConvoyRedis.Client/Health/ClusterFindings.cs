using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ConvoyRedis.Client.Health;

/// <summary>The problems with the shards of a cluster: the test write of the health check reaches only one of them.</summary>
internal static class ClusterFindings
{
    /// <param name="layout">The cluster, as one of its nodes shows it; null where it is not shown.</param>
    /// <param name="shards">Its shards.</param>
    /// <param name="grace">How long a failover may take: callers wait so long.</param>
    public static IEnumerable<Finding> Of(ClusterLayout? layout, IReadOnlyList<Shard> shards, TimeSpan grace)
    {
        if (layout is not null && layout.CoveredSlots < ClusterLayout.AllSlots)
        {
            yield return new Finding(
                HealthStatus.Unhealthy, $"{ClusterLayout.AllSlots - layout.CoveredSlots} of {ClusterLayout.AllSlots} slots have no master.", Remedies.SlotsWithoutMaster);
        }

        foreach (var (master, replicas, silence) in shards)
        {
            var shard = $"Shard {master.SlotText}";
            var standing = replicas.Count(replica => !replica.IsFailing);
            if (silence is { } since)
            {
                yield return since < grace && standing > 0
                    ? new Finding(HealthStatus.Degraded, $"{shard} fails over: its master {master.Endpoint} does not answer.")
                    : new Finding(HealthStatus.Unhealthy, $"{shard} has no master: {master.Endpoint} does not answer, and no replica has taken over.", Remedies.ShardDown);
            }
            else if (standing == 0)
            {
                yield return new Finding(HealthStatus.Degraded, $"{shard} has no replica that could take over from {master.Endpoint}.", Remedies.ShardWithoutReplica);
            }
        }
    }
}
