using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Health;

public sealed class ClusterFindingsTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private static readonly ClusterMember Master = Node("a", 7001) with { Slots = [new SlotRange(0, 16383)] };
    private static readonly ClusterMember Replica = Node("b", 7002) with { MasterId = "a" };

    [Fact]
    public void WholeCluster_IsNotMentioned() => Assert.Empty(Find(Master, [Replica], silence: null));

    [Fact]
    public void LayoutNotShown_IsNotJudged() => Assert.Empty(ClusterFindings.Of(null, [], Grace));

    [Fact]
    public void MasterSilent_IsAFailoverForAsLongAsCallersWait()
    {
        var early = Assert.Single(Find(Master, [Replica], silence: TimeSpan.FromSeconds(1)));
        var late = Assert.Single(Find(Master, [Replica], silence: Grace));

        Assert.Equal((HealthStatus.Degraded, HealthStatus.Unhealthy), (early.Status, late.Status));
        Assert.Equal("Shard 0-16383 fails over: its master 127.0.0.1:7001 does not answer.", early.What);
        Assert.Equal("Shard 0-16383 has no master: 127.0.0.1:7001 does not answer, and no replica has taken over.", late.What);
    }

    [Fact]
    public void MasterSilent_NoReplicaStands_IsUnhealthyAtOnce() =>
        Assert.Equal(HealthStatus.Unhealthy, Assert.Single(Find(Master, [Replica with { IsFailing = true }], silence: TimeSpan.Zero)).Status);

    [Fact]
    public void NoReplica_OrOneThatFailed_IsDegraded()
    {
        Assert.Equal(HealthStatus.Degraded, Assert.Single(Find(Master, [], silence: null)).Status);
        Assert.Equal("Shard 0-16383 has no replica that could take over from 127.0.0.1:7001.", Assert.Single(Find(Master, [Replica with { IsFailing = true }], silence: null)).What);
    }

    [Fact]
    public void SlotsWithoutAMaster_AreUnhealthy()
    {
        var finding = Assert.Single(Find(Master with { Slots = [new SlotRange(0, 16000), new SlotRange(16002, 16383)] }, [Replica], silence: null));

        Assert.Equal((HealthStatus.Unhealthy, "1 of 16384 slots have no master."), (finding.Status, finding.What));
    }

    private static IEnumerable<Finding> Find(ClusterMember master, ClusterMember[] replicas, TimeSpan? silence) =>
        ClusterFindings.Of(new ClusterLayout([master, .. replicas]), [new Shard(master, replicas, silence)], Grace);

    private static ClusterMember Node(string id, int port) =>
        new(id, new ConvoyRedisEndpoint("127.0.0.1", port), null, IsMyself: false, IsFailing: false, IsLinked: true, MasterId: null, 1, []);
}
