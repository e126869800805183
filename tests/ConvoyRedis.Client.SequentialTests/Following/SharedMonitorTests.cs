using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.SequentialTests.Following;

/// <summary>Many connections to one deployment ask its sentinels no more than one does, and are each led to the master all the same.</summary>
[Trait("Alone", "process")]
public sealed class SharedMonitorTests
{
    private const int Connections = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connections_ToOneDeployment_ShareTheirLinksAndAllFollow()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var sockets = OpenSockets.Count();
        var connections = await Task.WhenAll(Enumerable.Range(0, Connections).Select(number => ConnectAsync(topology, number)));
        var losses = new long?[Connections];
        for (var number = 0; number < Connections; number++)
        {
            var own = number;
            Assert.Equal(ConvoyRedisPhase.Following, connections[own].Phase);
            connections[own].MasterChanged += (_, change) => losses[own] = change.PossiblyLostBytes ?? -1;
        }

        await Eventually.TrueAsync(async () => await SubscribersAsync(topology) == topology.Sentinels.Count, Token);
        Assert.Equal(topology.Sentinels.Count, await SubscribersAsync(topology));

        // Their own databases, and one watch: a planned failover is a handover for each of them.
        await topology.FailoverAsync(Token);
        await Eventually.TrueAsync(() => losses.All(loss => loss is not null), Token);
        Assert.All(losses, loss => Assert.True(loss >= 0, "It was cut in place of handed over."));
        await AssertWriteAsync(topology, connections);

        // Whoever comes later finds the master without asking, and those that stay are not concerned when others leave.
        var late = await ConnectAsync(topology, 0);
        foreach (var connection in connections[1..])
            await connection.DisposeAsync();
        await topology.WaitUntilSettledAsync(Token);
        var master = await topology.GetMasterAsync(Token);
        await master.KillAsync();
        await Eventually.TrueAsync(() => late.Master?.Port != master.Port, Token);
        Assert.Equal(late.Master, connections[0].Master);
        await AssertWriteAsync(topology, [connections[0], late]);

        await connections[0].DisposeAsync();
        await late.DisposeAsync();
        await Eventually.TrueAsync(async () => await SubscribersAsync(topology) == 0 && OpenSockets.Count() <= sockets, Token);
    }

    [Fact]
    public async Task Connections_WithOtherCredentials_ShareNothing()
    {
        await using var topology = await SentinelTopology.StartAsync(
            new SentinelOptions { NodeConfiguration = ["user app on >s3cret ~* &* +@all"] }, Token);
        await using var one = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var options = topology.Options();
        (options.Username, options.Password) = ("app", "s3cret");
        await using var other = await ConvoyRedisConnection.ConnectAsync(options, Token);

        await Eventually.TrueAsync(async () => await SubscribersAsync(topology) == topology.Sentinels.Count * 2, Token);
        (options.Username, options.Password) = ("app", "wrong");
        await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));
    }

    private static Task<ConvoyRedisConnection> ConnectAsync(SentinelTopology topology, int number)
    {
        var options = topology.Options();
        (options.Database, options.ClientName) = (number % 16, $"connection-{number}");
        return ConvoyRedisConnection.ConnectAsync(options, Token);
    }

    private static async Task AssertWriteAsync(SentinelTopology topology, ConvoyRedisConnection[] connections)
    {
        for (var number = 0; number < connections.Length; number++)
            await (await connections[number].GetMultiplexerAsync(Token)).GetDatabase(0).StringSetAsync($"key:{number}", "value");
        var master = topology.Nodes.Single(node => node.Port == connections[0].Master!.Value.Port);
        for (var number = 0; number < connections.Length; number++)
            Assert.Equal("value", (await master.ExecuteAsync("GET", $"key:{number}")).Text);
        foreach (var key in Enumerable.Range(0, connections.Length))
            await master.ExecuteAsync("DEL", $"key:{key}");
    }

    // Nobody but clients subscribes at a sentinel.
    private static async Task<int> SubscribersAsync(SentinelTopology topology)
    {
        var lists = await Task.WhenAll(topology.Sentinels.Select(sentinel => sentinel.ExecuteAsync("CLIENT", "LIST")));
        return lists.Sum(list => list.Text!.Split('\n').Count(client => client.Contains(" sub=", StringComparison.Ordinal) && !client.Contains(" sub=0 ", StringComparison.Ordinal)));
    }
}
