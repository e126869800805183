using System.Collections.Concurrent;
using System.Diagnostics;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Chaos;

/// <summary>
/// Random faults under load. At the end every acknowledged write is looked for: what is missing must have been lost by asynchronous
/// replication, which the disk of a dead master proves; anything else is this library's fault.
/// </summary>
public sealed class ChaosTests
{
    private const int Writers = 8;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RandomFaults_UnderLoad_LoseNothingThatReplicationDidNot()
    {
        await using var deployment = await ChaosDeployment.StartAsync(ChaosSettings.Seed, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(deployment.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.PingAsync();
        var (streams, sockets) = (connection.LiveStreams, await OpenSockets.CountWhenSettledAsync(Token));
        var acknowledged = new ConcurrentQueue<string>();
        var (failed, increments) = (0, 0);
        using var stop = new CancellationTokenSource();
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var number = 0; !stop.IsCancellationRequested; number++)
            {
                try
                {
                    await database.StringSetAsync($"key:{writer}:{number}", number);
                    acknowledged.Enqueue($"key:{writer}:{number}");
                    await database.StringIncrementAsync("counter");
                    Interlocked.Increment(ref increments);
                }
                catch (Exception exception) when (exception is RedisException or TimeoutException)
                {
                    Interlocked.Increment(ref failed);
                }

                await Task.Delay(1, CancellationToken.None);
            }
        }, CancellationToken.None)).ToList();

        var began = Stopwatch.GetTimestamp();
        var random = new Random(ChaosSettings.Seed);
        while (Stopwatch.GetElapsedTime(began) < ChaosSettings.Length)
        {
            await deployment.FaultAsync(Token);
            await Task.Delay(random.Next(0, 2000), Token);
            if (random.Next(5) == 0)
                await deployment.Topology.WaitUntilSettledAsync(Token);
        }

        await deployment.Topology.WaitUntilSettledAsync(Token);
        var master = await deployment.Topology.GetMasterAsync(Token);
        await Eventually.TrueAsync(() => connection.Master?.Port == master.Port && connection.Phase == ConvoyRedisPhase.Following, Token);
        await stop.CancelAsync();
        await Task.WhenAll(writing).WaitAsync(Bound, Token);
        var story = $"Seed {ChaosSettings.Seed}: {acknowledged.Count} acknowledged, {failed} failed.\n{string.Join('\n', deployment.Done)}";

        var missing = await MissingAsync(database, acknowledged);
        var onDisk = missing.Count == 0 ? [] : await deployment.OnDeadMastersAsync(missing, Token);
        TestContext.Current.SendDiagnosticMessage($"{story}\n{missing.Count} lost by replication.");
        Assert.True(missing.TrueForAll(onDisk.Contains), $"{missing.Count - onDisk.Count} lost by us. {story}");
        Assert.True((int)await database.StringGetAsync("counter") <= increments + failed, story);
        Assert.True(failed < acknowledged.Count, story);
        await Eventually.TrueAsync(() => connection.LiveStreams == streams && OpenSockets.Count() <= sockets, Token);
    }

    private static async Task<List<string>> MissingAsync(IDatabase database, IReadOnlyCollection<string> keys)
    {
        var missing = new List<string>();
        foreach (var some in keys.Chunk(1000))
        {
            var there = await Task.WhenAll(some.Select(key => database.KeyExistsAsync(key)));
            missing.AddRange(some.Where((_, index) => !there[index]));
        }

        return missing;
    }
}
