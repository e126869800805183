using System.Runtime.CompilerServices;
using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Tunnel;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Tells StackExchange.Redis of nodes of a cluster, and lets it connect to them: it fails a command that is redirected (ASK) to a node that it is not
/// connected to, and does not read from such a replica.
/// </summary>
internal static class NewNodes
{
    private const int Attempts = 50;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Connects to the nodes of a layout; what StackExchange.Redis does not know yet it learns before.</summary>
    /// <param name="multiplexer">The multiplexer; null if there is none yet.</param>
    /// <param name="layout">The nodes that it shall know; null if they are not known yet, or it is no cluster.</param>
    /// <param name="time">The clock.</param>
    public static Task ConnectAsync(IConnectionMultiplexer? multiplexer, ClusterLayout? layout, TimeProvider time)
    {
        if (multiplexer is null || layout is null)
            return Task.CompletedTask;
        if (!Knows(multiplexer, layout.Nodes))
            return LearnAsync(multiplexer, layout, time);
        Connect(multiplexer, layout);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Lets StackExchange.Redis read the layout until it knows the nodes, for 5 s, and connects to them. It does not read it while it does for another reason;
    /// it asks one node, which may not have heard of the new ones yet; and a reading may end with the removal of a node that it has just made the replica of
    /// another, because former readings of CLUSTER SLOTS did not list it. So a node that serves slots must be known before and after the last reading. A node
    /// without slots need only be known after it, because every third reading removes it.
    /// </summary>
    /// <param name="multiplexer">The multiplexer; null if there is none yet.</param>
    /// <param name="layout">A layout that is new.</param>
    /// <param name="time">The clock.</param>
    public static async Task LearnAsync(IConnectionMultiplexer? multiplexer, ClusterLayout layout, TimeProvider time)
    {
        if (multiplexer is null)
            return;
        var isSettled = false;
        for (var attempt = 0; attempt < Attempts && !(isSettled && Knows(multiplexer, layout.Nodes)); attempt++)
        {
            if (attempt > 0)
                await Task.Delay(Pause, time).ConfigureAwait(false);
            var knew = Knows(multiplexer, layout.Serving);
            var reading = multiplexer.ConfigureAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!reading.IsCompletedSuccessfully)
                return;
            isSettled = reading.Result && knew;
        }

        Connect(multiplexer, layout);
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

    // A node that CLUSTER NODES lists before CLUSTER SLOTS does (a master without slots, a replica until its first offset) is known to StackExchange.Redis
    // 3.4, which never connects to it by itself, not even once both list it; and no public method of it does.
    private static void Connect(IConnectionMultiplexer multiplexer, ClusterLayout layout)
    {
        if (multiplexer is not ConnectionMultiplexer own
            || !own.GetServers().Any(server => !server.IsConnected && layout.Find(MasterTunnel.ToNode(server.EndPoint)) is { IsFailing: false }))
        {
            return;
        }

        try
        {
            ActivateAllServers(own, log: null);
        }
        catch (MissingMethodException)
        {
            // Another release, which may connect by itself.
        }
    }

    /// <summary>Connects to the servers that it is not connected to, and not about to connect to.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(ActivateAllServers))]
    private static extern void ActivateAllServers(ConnectionMultiplexer multiplexer, ILogger? log);

    // StackExchange.Redis leaves out what is marked as failed.
    private static bool Knows(IConnectionMultiplexer multiplexer, IEnumerable<ClusterMember> nodes)
    {
        var known = multiplexer.GetEndPoints().Select(MasterTunnel.ToNode).ToList();
        return nodes.All(node => node.IsFailing || known.Exists(node.IsAt));
    }
}
