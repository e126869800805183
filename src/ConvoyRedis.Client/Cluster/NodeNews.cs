namespace ConvoyRedis.Client.Cluster;

/// <summary>
/// When StackExchange.Redis is told of the nodes of a cluster: at once when there are new ones, and again while not all nodes may list them yet, since it asks
/// one of them. Of a node that has become a replica only later: in a failover, the layout of the node that is asked may still show what was.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class NodeNews(TimeProvider time)
{
    /// <summary>A node reaches every other one within half of cluster-node-timeout, which is 15 s by default (cluster.c: clusterCron).</summary>
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(4);

    private long? _newAt;
    private long _toldAt;

    /// <summary>Whether a layout is told.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="before">The one before; null for the first one.</param>
    public bool IsTold(ClusterLayout layout, ClusterLayout? before)
    {
        var hasNewNodes = before is null || layout.HasNewNodesSince(before);
        if (hasNewNodes || layout.HasNewReplicasSince(before!))
        {
            _newAt = _toldAt = time.GetTimestamp();
            return hasNewNodes;
        }

        if (_newAt is not { } newAt || time.GetElapsedTime(newAt) > Age || time.GetElapsedTime(_toldAt) < Period)
            return false;
        _toldAt = time.GetTimestamp();
        return true;
    }
}
