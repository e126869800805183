using ConvoyRedis.Shared;

namespace ConvoyRedis.Testing;

/// <summary>Whether the nodes of a cluster agree on what it is like.</summary>
internal static class ClusterAgreement
{
    /// <summary>Whether every node that runs says that the cluster is whole, every replica follows its master, and every node knows it for a replica.</summary>
    public static async Task<bool> IsReachedAsync(IReadOnlyList<RedisServer> nodes, CancellationToken cancellationToken)
    {
        List<RedisServer> running = [.. nodes.Where(node => node.CanAnswer)], replicas = [];
        foreach (var node in running)
        {
            var role = await node.ExecuteAsync(["ROLE"], cancellationToken).ConfigureAwait(false);
            if (role.Items[0].Text != "slave")
                continue;
            if (role.Items[3].Text != "connected")
                return false;
            replicas.Add(node);
        }

        foreach (var node in running)
        {
            var info = new NodeInfo((await node.ExecuteAsync(["CLUSTER", "INFO"], cancellationToken).ConfigureAwait(false)).Text!);
            var isWhole = info["cluster_state"] == "ok" && info["cluster_known_nodes"] == $"{nodes.Count}";
            if (!isWhole || !await KnowsAsync(node, replicas, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    // A master ignores CLUSTER FAILOVER from a replica that it takes for a master still; the replica gives up after 5 s.
    private static async Task<bool> KnowsAsync(RedisServer node, List<RedisServer> replicas, CancellationToken cancellationToken)
    {
        var lines = (await node.ExecuteAsync(["CLUSTER", "NODES"], cancellationToken).ConfigureAwait(false)).Text!.Split('\n');
        return replicas.TrueForAll(replica => lines.Any(line =>
            line.Contains($" {replica.Address}@", StringComparison.Ordinal) && line.Contains("slave ", StringComparison.Ordinal)));
    }
}
