using System.Diagnostics;
using ConvoyRedis.Testing;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>A failover on the nodes themselves, behind the sentinels' back: they notice it after their down-after and 20 s more.</summary>
public sealed class ManualFailoverTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Redis 6.2 and later: the master stops writers until the replica has all of their writes, and then refuses those that waited (READONLY).
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FailoverOnTheMaster_NewMasterIsFollowedAndNothingFailsOrIsLost(bool isRetried)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await using var load = new Load(isRetried ? database.WithRetry() : database, writers: 16, bytes: 100);
        var master = await topology.GetMasterAsync(Token);
        await KnowsItsReplicasAsync(connection, load);

        Assert.Equal("OK", (await master.ExecuteAsync("FAILOVER")).Text);

        var took = await FollowAsync(connection, load, master);
        Soak.Report("FAILOVER on the master", $"{(isRetried ? "with WithRetry" : "without")}: writing after {took.TotalMilliseconds:F0} ms, the longest call {load.Longest.TotalMilliseconds:F0} ms");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReplicaOfOnBothNodes_NewMasterIsFollowedAndNothingFailsOrIsLost(bool isRetried)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await using var load = new Load(isRetried ? database.WithRetry() : database, writers: 16, bytes: 100);
        var master = await topology.GetMasterAsync(Token);
        var replica = topology.Nodes.First(node => node != master);
        await KnowsItsReplicasAsync(connection, load);

        await master.ExecuteAsync("CLIENT", "PAUSE", "10000", "WRITE");
        var offset = await master.GetInfoAsync("master_repl_offset", Token);
        await Eventually.TrueAsync(async () => await replica.GetInfoAsync("slave_repl_offset", Token) is { } copied && long.Parse(copied) >= long.Parse(offset!), Token);
        await replica.ExecuteAsync("REPLICAOF", "NO", "ONE");
        await master.ExecuteAsync("REPLICAOF", replica.Host, $"{replica.Port}");
        await master.ExecuteAsync("CLIENT", "UNPAUSE");

        var took = await FollowAsync(connection, load, master);
        Soak.Report("REPLICAOF on both nodes", $"{(isRetried ? "with WithRetry" : "without")}: writing after {took.TotalMilliseconds:F0} ms, the longest call {load.Longest.TotalMilliseconds:F0} ms");
    }

    // The role monitor has asked the master once.
    private static async Task KnowsItsReplicasAsync(ConvoyRedisConnection connection, Load load)
    {
        Assert.NotNull(connection.Master);
        await Task.Delay(2 * Client.Connection.RoleMonitor.Period, Token);
        await Eventually.TrueAsync(() => load.Acknowledged > 100, Token);
    }

    private static async Task<TimeSpan> FollowAsync(ConvoyRedisConnection connection, Load load, RedisServer former)
    {
        var began = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(() => connection.Master is { } master && master.Port != former.Port, Token);
        var acknowledged = load.Acknowledged;
        await Eventually.TrueAsync(() => load.Acknowledged > acknowledged + 100, Token);
        var took = Stopwatch.GetElapsedTime(began);
        await load.StopAsync();

        Assert.Empty(load.Errors);
        Assert.Equal((0, 0), await load.CheckAsync());
        Assert.True(took < Bound, $"It was written after {took.TotalMilliseconds} ms.");
        return took;
    }
}
