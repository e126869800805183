using ConvoyRedis.Client;
using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Tool.Drill;

/// <summary>A cluster. The drill fails over one shard: the first one, by its slots, with a replica that is in sync.</summary>
internal sealed class ClusterDeployment(ConvoyRedisTarget target, NodeDialer nodes) : IDrillDeployment
{
    private readonly FirstAnswer _nodes = new(nodes, target);

    public async Task<DrillSubject> FindAsync(ConvoyRedisConnection connection, CancellationToken cancellationToken)
    {
        var layout = ClusterLayout.Read((await _nodes.AskAsync(["CLUSTER", "NODES"], cancellationToken)).Text);
        foreach (var master in (layout?.Masters ?? []).Where(master => !master.IsFailing).OrderBy(master => master.Slots.Min(range => range.From)))
        {
            var replicas = new List<ConvoyRedisEndpoint>();
            foreach (var replica in layout!.ReplicasOf(master))
            {
                if (await FindInSyncAsync(replica, cancellationToken) is { } endpoint)
                    replicas.Add(endpoint);
            }

            if (replicas.Count > 0)
                return new DrillSubject(master.Endpoint, replicas, master.Slots);
        }

        throw new ConvoyRedisConnectionException(ConvoyRedisFault.NoMaster, "No shard has a replica that is in sync: there is nothing to fail over to.");
    }

    public async Task FailOverAsync(DrillSubject subject, CancellationToken cancellationToken) =>
        await _nodes.AskAsync(subject.Replicas[0], ["CLUSTER", "FAILOVER"], cancellationToken);

    // The address at which it is reached: the announced one, or its host name. Null if it is down, or behind.
    private async Task<ConvoyRedisEndpoint?> FindInSyncAsync(ClusterMember replica, CancellationToken cancellationToken)
    {
        try
        {
            using var transport = await nodes.DialAsync(replica, cancellationToken);
            return (VisibleRole.Of(transport, nodes)[0], transport.Role[3]) is ("slave", "connected") ? transport.Node : null;
        }
        catch (ConvoyRedisConnectionException exception) when (!exception.IsFinal)
        {
            return null;
        }
    }
}
