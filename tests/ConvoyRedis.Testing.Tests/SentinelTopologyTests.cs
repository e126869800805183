namespace ConvoyRedis.Testing.Tests;

public sealed class SentinelTopologyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StartAsync_Defaults_IsAsTheGuideSaysAndLeavesNothingBehind()
    {
        string directory;
        await using (var topology = await SentinelTopology.StartAsync(cancellationToken: Token))
        {
            directory = Path.GetDirectoryName(topology.Nodes[0].DataDirectory)!;
            Assert.InRange(LabProcesses.Under(directory).Count, topology.Servers.Count(), 20);

            Assert.Equal(topology.Nodes[0], await topology.GetMasterAsync(Token));
            Assert.Equal("2", await topology.Nodes[0].GetInfoAsync("connected_slaves", Token));
            foreach (var node in topology.Nodes)
            {
                Assert.Equal("yes", (await node.ExecuteAsync("CONFIG", "GET", "appendonly")).Field("appendonly"));
                Assert.Equal("noeviction", (await node.ExecuteAsync("CONFIG", "GET", "maxmemory-policy")).Field("maxmemory-policy"));
                Assert.Equal("900 1 300 10 60 10000", (await node.ExecuteAsync("CONFIG", "GET", "save")).Field("save"));
            }

            var view = await topology.Sentinels[2].ExecuteAsync("SENTINEL", "MASTER", "convoy-redis");
            Assert.Equal("1000", view.Field("down-after-milliseconds"));
            Assert.Equal("1", view.Field("parallel-syncs"));
            Assert.Equal("2", view.Field("quorum"));
        }

        Assert.Empty(LabProcesses.Under(directory));
        Assert.False(Directory.Exists(directory));
    }

    [Fact]
    public async Task Faults_KillRestartFailoverAndHang_DoWhatTheySay()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var first = topology.Nodes[0];

        await using (var observer = await PromotionObserver.StartAsync(topology, Token))
        {
            await first.KillAsync();
            Assert.False(first.IsRunning);
            Assert.NotEqual(first, (await observer.WaitForPromotionAsync(Token)).Node);
        }

        await first.RestartWithOriginalConfigurationAsync(Token);
        Assert.Equal("master", (await first.ExecuteAsync("ROLE")).Items[0].Text);
        await topology.WaitUntilSettledAsync(Token);
        Assert.Equal("slave", (await first.ExecuteAsync("ROLE")).Items[0].Text);

        var second = await topology.GetMasterAsync(Token);
        await using (var observer = await PromotionObserver.StartAsync(topology, Token))
        {
            await topology.FailoverAsync(Token);
            Assert.NotEqual(second, (await observer.WaitForPromotionAsync(Token)).Node);
        }

        var hung = topology.Sentinels[0];
        await hung.HangAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hung.ExecuteAsync(["PING"], patience.Token));
        await hung.ResumeAsync();
        Assert.Equal("PONG", (await hung.ExecuteAsync("PING")).Text);
    }
}
