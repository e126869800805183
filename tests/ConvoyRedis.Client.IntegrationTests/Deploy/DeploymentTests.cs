using ConvoyRedis.Client.Tests.Docs;

namespace ConvoyRedis.Client.IntegrationTests.Deploy;

/// <summary>The deployments in deploy/ start, and a service follows their failovers. DeploymentsTests compares the files themselves.</summary>
public sealed class DeploymentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Compose_MasterIsKilledAndStartsAgain_TheServiceFollows() => FollowsAsync(DeployFiles.Compose(tls: false));

    [Fact]
    public Task ComposeWithTls_MasterIsKilledAndStartsAgain_TheServiceFollows() => FollowsAsync(DeployFiles.Compose(tls: true));

    [Fact]
    public Task Kubernetes_PodOfTheMasterStops_NoCommandFails() => Lossless.AssertAsync(async () =>
    {
        await using var lab = await DeployedLab.StartAsync(DeployFiles.Kubernetes(), Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(ConvoyRedisOptions.Load(Deployment.Sources(lab.Client)), Token);
        var moved = new TaskCompletionSource<MasterChangedEventArgs>();
        connection.MasterChanged += (_, change) => moved.TrySetResult(change);
        var old = connection.Master!.Value.Port;
        Assert.Equal((lab.Nodes[0], 0), (old, await lab.RunAsync("ready.sh", old)));
        await using var load = new Load((await connection.GetMultiplexerAsync(Token)).GetDatabase(), writers: 4, bytes: 10);

        // What Kubernetes does with a replica, and with the master.
        Assert.Equal(0, await lab.RunAsync("hand-over.sh", lab.Nodes[1]));
        Assert.Equal(old, connection.Master!.Value.Port);
        Assert.Equal(0, await lab.RunAsync("hand-over.sh", old));

        // The script waits for the sentinel that it asked; the others learn of the new master some milliseconds later.
        Assert.Contains(
            await lab.SentinelsAsync("get-master-addr-by-name", "convoy-redis"),
            named => lab.Nodes.Any(node => node != old && named.Contains($"{node}", StringComparison.Ordinal)));
        await lab.KillNodeAsync(old, Token);
        var acknowledged = load.Acknowledged;
        await Eventually.TrueAsync(() => load.Acknowledged > acknowledged + 10 || !load.Errors.IsEmpty, Token);
        await load.StopAsync();

        var change = await moved.Task.WaitAsync(Token);
        return (change.PossiblyLostBytes, () => Assert.Empty(load.Errors));
    });

    private static async Task FollowsAsync(DeployedFiles files)
    {
        await using var lab = await DeployedLab.StartAsync(files, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(ConvoyRedisOptions.Load(Deployment.Sources(lab.Client)), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        var old = connection.Master!.Value.Port;
        await database.StringSetAsync("key", "before");

        await lab.KillNodeAsync(old, Token);
        await Eventually.TrueAsync(() => connection.Master?.Port is { } port && port != old, Token);
        await database.StringSetAsync("key", "after");
        var master = connection.Master!.Value.Port;
        Assert.Equal("after", (await lab.NodeAsync(master, "get", "key")).Trim());

        // It starts as what it was, and the sentinels make it a replica.
        await Eventually.TrueAsync(async () => (await lab.SentinelAsync("get-master-addr-by-name", "convoy-redis")).Contains($"{master}", StringComparison.Ordinal), Token);
        await lab.HastenAsync();
        lab.StartNode(old);
        await Eventually.TrueAsync(async () => (await lab.NodeAsync(old, "role")).StartsWith("slave", StringComparison.Ordinal), Token);
        await Eventually.TrueAsync(async () => (await lab.NodeAsync(old, "get", "key")).Trim() == "after", Token);

        // A container that is started again keeps what the sentinels made of its node.
        await lab.KillNodeAsync(old, Token);
        lab.StartNode(old);
        await Eventually.TrueAsync(async () => await lab.RunAsync("ready.sh", old) == 0, Token);
        Assert.StartsWith("slave", await lab.NodeAsync(old, "role"), StringComparison.Ordinal);
    }
}
