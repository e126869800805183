using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>A killed master is started again with its old configuration: for some seconds there are two.</summary>
public sealed class OldMasterTests
{
    // So that a pause of a busy machine is not taken for the death of the new master.
    private static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KilledMaster_ComesBackAsAMaster_IsNeverWrittenToAgain()
    {
        var times = Soak.Figure(inTest: 1, inSoak: 20);
        var beside = 0;
        for (var run = 0; run < times; run++)
            beside += await WriteBesideTheOldMasterAsync();
        Soak.Report($"the old master restarted as a master, {times} times", $"0 of {beside} writes beside it went there");
    }

    private static async Task<int> WriteBesideTheOldMasterAsync()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { DownAfter = DownAfter }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        var old = await topology.GetMasterAsync(Token);
        await using var observer = await PromotionObserver.StartAsync(topology, Token);
        await old.KillAsync();
        await observer.WaitForPromotionAsync(Token);
        await database.StringSetAsync("first", "value");

        // They bear with a second master for four times as long.
        foreach (var sentinel in topology.Sentinels)
            await sentinel.ExecuteAsync("SENTINEL", "DEBUG", "PUBLISH-PERIOD", "1000", "INFO-PERIOD", "1000");

        await old.RestartWithOriginalConfigurationAsync(Token);
        var began = Stopwatch.GetTimestamp();
        var written = 0;
        while (await KeysOfMasterAsync(old) is { } keys && Stopwatch.GetElapsedTime(began) < Bound)
        {
            Assert.Equal("0", keys);
            await database.StringSetAsync($"key:{written++}", "value");
        }

        Assert.True(written > 10, $"It was a master for {written} writes.");
        var master = Assert.Single(topology.Nodes, node => node.Port == connection.Master!.Value.Port);
        Assert.NotSame(old, master);
        Assert.Equal($"{written}", (await master.ExecuteAsync("EVAL", "return tostring(#redis.call('KEYS', 'key:*'))", "0")).Text);
        return written;
    }

    // Null when the node is no master any more, or is just becoming a replica, which ends its connections.
    private static async Task<string?> KeysOfMasterAsync(RedisServer node)
    {
        try
        {
            var keys = (await node.ExecuteAsync("DBSIZE")).Text;
            return (await node.ExecuteAsync("ROLE")).Items[0].Text == "master" ? keys : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
