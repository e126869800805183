using System.Globalization;
using ConvoyRedis.Shared;
using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ConvoyRedis.Client.Health;

/// <summary>The problems with memory, persistence and replicas in a master's INFO, by the limits of the guide's alerts.</summary>
internal static class NodeFindings
{
    /// <summary>The share of <c>maxmemory</c> above which the guide alerts.</summary>
    public const double MemoryBound = 0.8;

    /// <summary>The replication lag above which the guide alerts.</summary>
    public static readonly TimeSpan LagBound = TimeSpan.FromSeconds(30);

    private static readonly string[] PersistenceStates = ["rdb_last_bgsave_status", "aof_last_bgrewrite_status", "aof_last_write_status"];

    /// <param name="node">The node's name in the findings.</param>
    /// <param name="info">The node's reply to INFO; parts that it does not show are not judged.</param>
    /// <param name="replicas">How many replicas the sentinels know; null without sentinels.</param>
    /// <param name="shown">Removes secrets from the node's text.</param>
    public static IEnumerable<Finding> Of(string node, NodeInfo info, int? replicas, Func<string, string> shown)
    {
        if (info.MemoryShare is { } share and > MemoryBound)
            yield return Degraded(string.Create(CultureInfo.InvariantCulture, $"{node} uses {share:P0} of its maxmemory."), Remedies.OutOfMemory);
        foreach (var name in PersistenceStates)
        {
            if (info[name] is { } state and not "ok")
                yield return Degraded($"{node} failed to persist its data: {name} is {shown(state)}.", Remedies.Persistence);
        }

        foreach (var replica in info.Replicas)
        {
            var address = shown($"{replica["ip"]}:{replica["port"]}");
            if (replica["state"] is { } state and not "online")
                yield return Degraded($"Replica {address} of {node} is not in sync: {shown(state)}.", Remedies.ReplicaDown);
            else if (replica.Number("lag") is { } lag && lag > LagBound.TotalSeconds)
                yield return Degraded($"Replica {address} of {node} last responded {lag} s ago.", Remedies.ReplicaDown);
        }

        if (info.Number("connected_slaves") is { } connected && connected < replicas)
            yield return Degraded($"{connected} of {replicas} replicas of {node} are connected.", Remedies.ReplicaDown);
    }

    private static Finding Degraded(string what, string remedy) => new(HealthStatus.Degraded, what, remedy);
}
