using System.Diagnostics;
using ConvoyRedis.Testing;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>The new master is restarted and loads its data: it answers LOADING, which is no reason to go elsewhere.</summary>
public sealed class LoadingTests
{
    /// <summary>From the moment at which the node takes writes again to the first write.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NewMaster_StillLoading_IsWaitedFor()
    {
        ServerVersion.Require(7, "loading-process-events-interval-bytes");

        // LOADING is an answer to a sentinel too; but until the node gives it, it must not be taken for down.
        var options = new SentinelOptions
        {
            DownAfter = TimeSpan.FromSeconds(4),
            NodeConfiguration = ["key-load-delay 20", "loading-process-events-interval-bytes 1024"],
        };
        await using var topology = await SentinelTopology.StartAsync(options, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.ScriptEvaluateAsync("for i = 1, 30000 do redis.call('SET', 'filler:' .. i, i) end");
        await topology.WaitUntilSettledAsync(Token);
        await (await topology.GetMasterAsync(Token)).KillAsync();

        // It may be sent before the dead one's connection is known to have ended.
        await database.WithRetry().StringSetAsync("key", "before");
        await Eventually.TrueAsync(() => connection.Epoch > 0, Token);
        var master = topology.Nodes.Single(node => node.Port == connection.Master!.Value.Port);

        await master.KillAsync();
        var restarting = master.RestartAsync(Token);
        await Eventually.TrueAsync(() => AnswersAsync(master, "-LOADING"), Token);
        var writing = database.StringSetAsync("key", "after");
        Assert.False(writing.IsCompleted);
        await restarting;
        await Eventually.TrueAsync(() => AnswersAsync(master, "PONG"), Token);
        var writable = Stopwatch.GetTimestamp();
        await writing;

        Assert.True(Stopwatch.GetElapsedTime(writable) < Bound);
        Assert.Equal("after", (await master.ExecuteAsync("GET", "key")).Text);
    }

    private static async Task<bool> AnswersAsync(RedisServer server, string answer)
    {
        try
        {
            var reply = await server.ExecuteAsync("PING");
            return reply.IsError ? $"-{reply.Text}".StartsWith(answer, StringComparison.Ordinal) : reply.Text == answer;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
