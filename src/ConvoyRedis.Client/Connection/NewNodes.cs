using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Tunnel;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Tells StackExchange.Redis of new nodes of a cluster: it connects to a node once it knows it, and fails a command that is redirected (ASK) to one that it
/// is not connected to.
/// </summary>
internal static class NewNodes
{
    private const int Attempts = 50;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Lets it read the layout until it knows the nodes, for 5 s: it does not read it while it does for another reason, and it asks one node, which may not
    /// have heard of the new ones yet.
    /// </summary>
    /// <param name="multiplexer">The multiplexer; null if there is none yet.</param>
    /// <param name="layout">The nodes that it shall know.</param>
    /// <param name="time">The clock.</param>
    public static async Task LearnAsync(IConnectionMultiplexer? multiplexer, ClusterLayout layout, TimeProvider time)
    {
        for (var attempt = 0; multiplexer is not null && attempt < Attempts && !KnowsAll(multiplexer, layout); attempt++)
        {
            if (attempt > 0)
                await Task.Delay(Pause, time).ConfigureAwait(false);
            var reading = multiplexer.ConfigureAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!reading.IsCompletedSuccessfully)
                return;
        }
    }

    /// <summary>
    /// Allows writes to all nodes. In a failover, StackExchange.Redis has writes in the backlog of a node that it reads to be a replica, or is redirected to one
    /// that it does not know to be a master yet, and would fail them; a replica redirects them to its master.
    /// </summary>
    /// <param name="multiplexer">The multiplexer; null if there is none yet.</param>
    public static void AllowWrites(IConnectionMultiplexer? multiplexer)
    {
        foreach (var server in multiplexer?.GetServers().Where(server => !server.AllowReplicaWrites) ?? [])
            server.AllowReplicaWrites = true;
    }

    /// <summary>Whether StackExchange.Redis is connected to a node; true if there is no multiplexer yet, which has no commands either.</summary>
    public static bool IsConnected(IConnectionMultiplexer? multiplexer, ConvoyRedisEndpoint node) =>
        multiplexer is null || multiplexer.GetServers().Any(server => MasterTunnel.ToNode(server.EndPoint) == node && server.IsConnected);

    // StackExchange.Redis leaves out what is marked as failed.
    private static bool KnowsAll(IConnectionMultiplexer multiplexer, ClusterLayout layout)
    {
        var known = multiplexer.GetEndPoints().Select(MasterTunnel.ToNode).ToList();
        return layout.Nodes.All(node => node.IsFailing || known.Exists(node.IsAt));
    }
}
