using System.Diagnostics;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>A master that becomes a replica without any event (situations 9 and 10 of a Sentinel deployment's troubles).</summary>
public sealed class DemotionTests
{
    /// <summary>From the moment at which a node takes writes again to the first write.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FixedEndpoint_MovesWhileTheConnectionStays_IsFollowed(bool isWriting)
    {
        await using var one = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var two = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = one }, Token);
        await using var proxy = TcpProxy.Start(one.Server.Host, one.Server.Port);
        var options = one.Options();
        (options.Host, options.Port, options.ClientName) = (proxy.Host, proxy.Port, "mover");
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync("key", "before");

        // Time enough for the watcher to have met the first node.
        await Eventually.TrueAsync(() => proxy.ConnectionCount >= 2, Token);
        proxy.Retarget(two.Server.Host, two.Server.Port);
        await one.Server.ExecuteAsync("REPLICAOF", two.Server.Host, $"{two.Server.Port}");

        var began = Stopwatch.GetTimestamp();
        if (!isWriting)
            await Eventually.TrueAsync(async () => (await two.Server.ExecuteAsync("CLIENT", "LIST")).Text!.Contains("name=mover ", StringComparison.Ordinal), Token);
        await Eventually.TrueAsync(() => TryWriteAsync(database), Token);
        Soak.Report($"a fixed endpoint that moved, its old node a replica, {(isWriting ? "writing" : "reading")}",
            $"writing after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms");
        Assert.True(Stopwatch.GetElapsedTime(began) < Bound);
        Assert.Equal("after", (await two.Server.ExecuteAsync("GET", "key")).Text);
    }

    // The connection on which the former master is asked for its role stays open, too.
    [Fact]
    public async Task FixedEndpoint_HasMoved_NothingFailsAfterwards()
    {
        await using var one = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var two = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = one }, Token);
        await using var proxy = TcpProxy.Start(one.Server.Host, one.Server.Port);
        var options = one.Options();
        (options.Host, options.Port, options.ClientName) = (proxy.Host, proxy.Port, "mover");
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await Eventually.TrueAsync(() => proxy.ConnectionCount >= 2, Token);
        proxy.Retarget(two.Server.Host, two.Server.Port);
        await one.Server.ExecuteAsync("REPLICAOF", two.Server.Host, $"{two.Server.Port}");
        await Eventually.TrueAsync(async () => (await two.Server.ExecuteAsync("CLIENT", "LIST")).Text!.Contains("name=mover ", StringComparison.Ordinal), Token);
        await Eventually.TrueAsync(() => TryWriteAsync(database), Token);

        await using var load = new Load(database, writers: 4, bytes: 100);
        await Task.Delay(2.5 * Client.Connection.RoleMonitor.Period, Token);
        await load.StopAsync();

        Assert.Empty(load.Errors);
        Assert.Equal((0, 0), await load.CheckAsync());
    }

    [Fact]
    public async Task MasterBehindSentinels_ReplicaOfByHandAndBack_IsWrittenToWithinTheBound()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var master = await topology.GetMasterAsync(Token);
        var replica = topology.Nodes.First(node => node != master);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync("key", "before");

        await master.ExecuteAsync("REPLICAOF", replica.Host, $"{replica.Port}");
        await Assert.ThrowsAnyAsync<RedisException>(() => database.StringSetAsync("key", "refused"));
        await master.ExecuteAsync("REPLICAOF", "NO", "ONE");

        var began = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(() => TryWriteAsync(database), Token);
        Soak.Report("REPLICAOF by hand and back", $"writing after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms");
        Assert.True(Stopwatch.GetElapsedTime(began) < Bound);
        Assert.Equal("after", (await master.ExecuteAsync("GET", "key")).Text);
    }

    [Fact]
    public async Task FixedEndpoint_ReplicaOnPurpose_IsReadFromAndNotCut()
    {
        await using var master = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var replica = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = master }, Token);
        await master.Server.ExecuteAsync("SET", "key", "value");
        await replica.Server.ExecuteAsync("REPLICAOF", master.Server.Host, $"{master.Server.Port}");
        await Eventually.TrueAsync(async () => (await replica.Server.ExecuteAsync("GET", "key")).Text == "value", Token);

        await using var connection = await ConvoyRedisConnection.ConnectAsync(replica.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var isCut = false;
        multiplexer.ConnectionFailed += (_, _) => isCut = true;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("value", await multiplexer.GetDatabase().StringGetAsync("key"));
            await Assert.ThrowsAnyAsync<RedisException>(() => multiplexer.GetDatabase().StringSetAsync("key", "refused"));
            await Task.Delay(Client.Connection.RoleMonitor.Period, Token);
        }

        Assert.False(isCut);
    }

    private static async Task<bool> TryWriteAsync(IDatabase database)
    {
        try
        {
            return await database.StringSetAsync("key", "after");
        }
        catch (RedisException)
        {
            return false;
        }
    }
}
