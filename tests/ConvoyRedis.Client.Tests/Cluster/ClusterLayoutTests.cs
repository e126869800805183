using ConvoyRedis.Client.Cluster;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Cluster;

public sealed class ClusterLayoutTests
{
    // As Redis 7.0.15 writes it, with a slot on the move, a node with a host name, one without an address, and one that has only been met.
    private const string Text = """
        07c37dfeb235213a872192d90877d0cd55635b91 127.0.0.1:30004@31004,node-4 slave,fail e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca 0 1426238317239 4 connected
        67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1 127.0.0.1:30002@31002,node-2 master - 0 1426238316232 2 disconnected 5461-10922 [93-<-292f8b365bb7edb5e285caf0b7e6ddc7265d2f4f]
        292f8b365bb7edb5e285caf0b7e6ddc7265d2f4f ::1:30003@31003 master,fail? - 0 1426238318243 3 connected 10923-16382 16383
        6ec23923021cf3ffec47632106199cb7f496ce01 :0@0 slave,fail,noaddr 67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1 0 1426238316232 5 disconnected
        824fe116063bc5fcf9f4ffd895bc17aee7731ac3 127.0.0.1:30006@31006 handshake - 0 0 0 connected
        e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca 127.0.0.1:30001@31001 myself,master - 0 0 1 connected 0-5460

        """;

    private static readonly ClusterMember Former = Node("a", epoch: 3, new SlotRange(0, 100));

    [Fact]
    public void Read_AnswerOfRedis_GivesItsNodesWithUsableAddresses()
    {
        var layout = ClusterLayout.Read(Text.ReplaceLineEndings("\n"))!;

        Assert.Equal(["127.0.0.1:30004", "127.0.0.1:30002", "[::1]:30003", "127.0.0.1:30001"], layout.Nodes.Select(node => $"{node.Endpoint}"));
        Assert.Equal(["5461-10922", "10923-16382,16383", "0-5460"], layout.Masters.Select(master => string.Join(',', master.Slots)));
        Assert.Equal((1, new ConvoyRedisEndpoint("127.0.0.1", 30001)), (layout.Myself!.ConfigEpoch, layout.Myself.Endpoint));
        Assert.Equal(new ConvoyRedisEndpoint("node-4", 30004), Assert.Single(layout.ReplicasOf(layout.Myself)).HostName);
        Assert.Equal([true, true, true, false], layout.Nodes.Select(node => node.IsFailing || !node.IsLinked));
        Assert.True(layout.HasJoining);
        Assert.Equal((4, 16384), (layout.HighestEpoch, layout.CoveredSlots));
        Assert.Equal(2, layout.Find(new ConvoyRedisEndpoint("node-2", 30002))!.ConfigEpoch);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("one two three")]
    [InlineData("id 127.0.0.1:x@1 master - 0 0 1 connected 0-5460")]
    [InlineData("id 127.0.0.1:70000@1 master - 0 0 1 connected 0-5460")]
    [InlineData("id 127.0.0.1:1@1 master - 0 0 -1 connected 0-5460")]
    [InlineData("id 127.0.0.1 master - 0 0 1 connected 0-5460")]
    public void Read_NoUsableNode_IsNull(string? text) => Assert.Null(ClusterLayout.Read(text));

    [Theory]
    [InlineData("9-3")]
    [InlineData("0-16384")]
    [InlineData("-5")]
    [InlineData("x")]
    public void Read_WrongSlots_AreLeftOut(string slots) =>
        Assert.Equal([new SlotRange(7, 7)], ClusterLayout.Read($"id 127.0.0.1:1@1 master - 0 0 1 connected {slots} 7")!.Nodes[0].Slots);

    [Fact]
    public void Read_MoreNodesThanAnyClusterHas_ReadsSome()
    {
        var text = string.Concat(Enumerable.Range(1, ClusterLayout.MostNodes + 10).Select(number => $"id{number} 127.0.0.1:{number}@1 master - 0 0 1 connected\n"));

        Assert.Equal(ClusterLayout.MostNodes, ClusterLayout.Read(text)!.Nodes.Count);
    }

    [Fact]
    public void Succeeds_OnlyAMasterThatHasTheSlotsAtAHigherEpoch()
    {
        var successor = Node("b", epoch: 4, new SlotRange(100, 200));

        Assert.True(successor.Succeeds(Former));
        Assert.False((successor with { MasterId = "a" }).Succeeds(Former));
        Assert.False((successor with { Id = "a" }).Succeeds(Former));
        Assert.False((successor with { ConfigEpoch = 3 }).Succeeds(Former));
        Assert.False((successor with { Slots = [new SlotRange(101, 200)] }).Succeeds(Former));
    }

    [Fact]
    public void SuccessionsSince_AFailover_IsOne_AndReshardingIsNone()
    {
        var (other, replica) = (Node("c", epoch: 2, new SlotRange(101, 200)), Node("b", epoch: 4, new SlotRange(0, 100)));
        var before = new ClusterLayout([Former, replica with { MasterId = "a", Slots = [] }, other]);

        Assert.Equal([(Former, replica)], new ClusterLayout([Former with { MasterId = "b", Slots = [] }, replica, other]).SuccessionsSince(before));
        Assert.Equal([(Former, replica)], new ClusterLayout([Former with { IsFailing = true, Slots = [] }, replica, other]).SuccessionsSince(before));
        Assert.Empty(before.SuccessionsSince(before));

        // The last slots of one master, given to another; and to a new one that is no replica's.
        Assert.Empty(new ClusterLayout([Former with { Slots = [] }, other with { ConfigEpoch = 5, Slots = [new SlotRange(0, 200)] }]).SuccessionsSince(before));
        Assert.Empty(new ClusterLayout([Former with { Slots = [new SlotRange(0, 50)] }, replica with { Slots = [new SlotRange(51, 100)] }, other]).SuccessionsSince(before));
    }

    private static ClusterMember Node(string id, long epoch, params SlotRange[] slots) =>
        new(id, new ConvoyRedisEndpoint("127.0.0.1", 7000), null, IsMyself: true, IsFailing: false, IsLinked: true, MasterId: null, epoch, slots);
}
