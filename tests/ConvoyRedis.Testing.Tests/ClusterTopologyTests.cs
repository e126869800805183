namespace ConvoyRedis.Testing.Tests;

public sealed class ClusterTopologyTests
{
    [Fact]
    public async Task StartAsync_Defaults_IsWhole()
    {
        await using var cluster = await ClusterTopology.StartAsync(
            new ClusterOptions { Password = "p" }, TestContext.Current.CancellationToken);

        Assert.Equal(3, cluster.Nodes.Count);
        foreach (var node in cluster.Nodes)
            Assert.Contains("cluster_slots_ok:16384", (await node.ExecuteAsync("CLUSTER", "INFO")).Text, StringComparison.Ordinal);
    }
}
