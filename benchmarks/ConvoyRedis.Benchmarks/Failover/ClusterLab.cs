using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>A cluster of 3 masters with a replica each. The fault is one shard's, and the clients write keys of that shard alone.</summary>
internal sealed class ClusterLab : IFailoverLab
{
    /// <summary>A hash tag in slot 0.</summary>
    public const string HashTag = "06S";

    private readonly ClusterTopology _cluster;
    private readonly RedisServer _replica;
    private readonly MasterFault _fault;

    private ClusterLab(ClusterTopology cluster, RedisServer master, RedisServer replica, MasterFault fault) =>
        (_cluster, Master, _replica, _fault) = (cluster, master, replica, fault);

    public Deployment Deployment => Deployment.Of(_cluster, $"{{{HashTag}}}:");

    public RedisServer Master { get; }

    public SentinelEvents? Events => null;

    /// <param name="fault">What will happen to the shard's master.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IFailoverLab> StartAsync(MasterFault fault, CancellationToken cancellationToken)
    {
        var cluster = await ClusterTopology.StartAsync(new ClusterOptions { Replicas = 1 }, cancellationToken);
        var master = await cluster.GetMasterAsync(0, cancellationToken);
        return new ClusterLab(cluster, master, (await cluster.GetReplicasAsync(master, cancellationToken)).Single(), fault);
    }

    public async Task<Takeover?> FailOverAsync(CancellationToken cancellationToken)
    {
        await using var observer = await PromotionObserver.StartAsync(_cluster, Master, HashTag, cancellationToken);
        var faultAt = ClientHost.Now;
        await (_fault switch
        {
            MasterFault.Kill => Master.KillAsync(),
            MasterFault.Hang => Master.HangAsync(),
            _ => _cluster.FailoverAsync(_replica, cancellationToken),
        });
        return await observer.TakeoverAsync(faultAt, cancellationToken);
    }

    public async Task<bool> IsStillMasterAsync(RedisServer node, CancellationToken cancellationToken) =>
        await _cluster.GetMasterAsync(0, cancellationToken) == node;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
