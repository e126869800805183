using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Tunnel;

namespace ConvoyRedis.Client.Connection;

/// <summary>The connections that share the monitor of a cluster. Safe for concurrent use.</summary>
internal sealed class ClusterFollowers
{
    private readonly Lock _gate = new();
    private readonly List<ClusterFollower> _followers = [];
    private int _isRehearsed;

    private List<ClusterFollower> All
    {
        get
        {
            lock (_gate)
                return [.. _followers];
        }
    }

    public void Add(ClusterFollower follower)
    {
        lock (_gate)
            _followers.Add(follower);
    }

    public void Remove(MasterTunnel tunnel)
    {
        lock (_gate)
            _followers.RemoveAll(follower => follower.Tunnel == tunnel);
    }

    /// <summary>The first time: <see cref="MasterTunnel.RehearseAsync"/>.</summary>
    public Task RehearseAsync(ClusterMember former, ClusterMember successor) =>
        Interlocked.Exchange(ref _isRehearsed, 1) == 0 && All is [var follower, ..] ? follower.Tunnel.RehearseAsync(former, successor) : Task.CompletedTask;

    /// <inheritdoc cref="MasterTunnel.Succeed"/>
    public void Succeed(ClusterMember former, ClusterMember successor) => All.ForEach(follower => follower.Tunnel.Succeed(former, successor));

    /// <inheritdoc cref="MasterTunnel.ReturnAsync"/>
    public Task ReturnAsync(ClusterMember former, bool hasLeft) => Task.WhenAll(All.Select(follower => follower.Tunnel.ReturnAsync(former, hasLeft)));

    /// <summary>A shard has moved to another master.</summary>
    public void Followed(MasterChangedEventArgs move) => All.ForEach(follower => follower.Followed(move));

    /// <summary>The cluster has new nodes.</summary>
    public void NodesAdded(ClusterLayout layout) => All.ForEach(follower => follower.NodesAdded(layout));
}
