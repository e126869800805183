using ConvoyRedis.Client.Cluster;
using Microsoft.Extensions.Time.Testing;

namespace ConvoyRedis.Client.Tests.Cluster;

public sealed class NodeNewsTests
{
    private static readonly TimeSpan Reading = TimeSpan.FromSeconds(5);

    private static readonly ClusterLayout Before = Layout("b 127.0.0.1:7002@1 master - 0 0 0 connected");
    private static readonly ClusterLayout Replicated = Layout("b 127.0.0.1:7002@1 slave a 0 0 1 connected");

    private readonly FakeTimeProvider _time = new();
    private readonly NodeNews _news;

    public NodeNewsTests() => _news = new NodeNews(_time);

    [Fact]
    public void First_IsToldAtOnce_AndAgainAMomentLater_ButNotForLong()
    {
        Assert.True(_news.IsTold(Before, null));
        Assert.False(_news.IsTold(Before, Before));

        Assert.Equal([true, true, true, false, false], Readings(Before));
    }

    [Fact]
    public void NewNode_OrAddress_IsToldAtOnce()
    {
        Readings(Before);

        Assert.True(_news.IsTold(Layout("c 127.0.0.1:7003@1 master - 0 0 0 connected"), Before));
        Assert.True(_news.IsTold(Layout("b 127.0.0.1:7009@1 master - 0 0 0 connected"), Before));
    }

    [Fact]
    public void NewReplica_IsToldAMomentLater_ANewMasterIsNot()
    {
        Readings(Before);

        Assert.False(_news.IsTold(Replicated, Before));
        Assert.False(_news.IsTold(Replicated, Replicated));
        Assert.Equal([true, true, true, false, false], Readings(Replicated));

        Assert.False(_news.IsTold(Before, Replicated));
        Assert.Equal([false, false, false, false, false], Readings(Before));
    }

    private static ClusterLayout Layout(string node) => ClusterLayout.Read($"a 127.0.0.1:7001@1 myself,master - 0 0 1 connected 0-16383\n{node}\n")!;

    private bool[] Readings(ClusterLayout layout) => [.. Enumerable.Range(0, 5).Select(_ =>
    {
        _time.Advance(Reading);
        return _news.IsTold(layout, layout);
    })];
}
