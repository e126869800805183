using System.Collections.Concurrent;
using System.Diagnostics;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>One client, one fault, on a fresh topology.</summary>
internal static class FailoverRun
{
    private const int Writers = 4;

    private static readonly TimeSpan Before = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan After = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>After this time without a write on the new master a client has not come back.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<FailoverResult> RunAsync(Client client, Fault fault, CancellationToken cancellationToken)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: cancellationToken);
        var (database, connection) = await client.ConnectAsync(topology);
        await using var owned = connection;
        await using var observer = await PromotionObserver.StartAsync(topology, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var acknowledged = new ConcurrentQueue<(string Key, long Timestamp)>();
        var failed = 0;
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var number = 0; !stop.IsCancellationRequested; number++)
            {
                var key = $"key:{writer}:{number}";
                try
                {
                    await database.StringSetAsync(key, 1);
                    acknowledged.Enqueue((key, Stopwatch.GetTimestamp()));
                }
                catch (Exception exception) when (exception is RedisException or TimeoutException)
                {
                    Interlocked.Increment(ref failed);
                }

                await Task.Delay(Pause, CancellationToken.None);
            }
        }, CancellationToken.None)).ToList();
        await Task.Delay(Before, cancellationToken);

        await BringAboutAsync(fault, topology, cancellationToken);
        var promotion = await observer.WaitForPromotionAsync(cancellationToken);
        var first = await FirstWriteAsync(acknowledged, promotion, cancellationToken);
        await Task.Delay(After, cancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(writing);

        var lost = 0;
        foreach (var keys in acknowledged.Select(write => write.Key).Chunk(1000))
            lost += keys.Length - int.Parse((await promotion.Node.ExecuteAsync(["EXISTS", .. keys], cancellationToken)).Text!, null);
        return new FailoverResult(first is { } timestamp ? Stopwatch.GetElapsedTime(promotion.Timestamp, timestamp) : null, acknowledged.Count, failed, lost);
    }

    private static async Task BringAboutAsync(Fault fault, SentinelTopology topology, CancellationToken cancellationToken)
    {
        var master = await topology.GetMasterAsync(cancellationToken);
        if (fault == Fault.Killed)
            await master.KillAsync();
        else if (fault == Fault.Hung)
            master.Hang();
        else
            await topology.FailoverAsync(cancellationToken);
    }

    // Since its promotion the new master copies nobody: what was acknowledged after it and is there was written there.
    private static async Task<long?> FirstWriteAsync(
        ConcurrentQueue<(string Key, long Timestamp)> acknowledged, Promotion promotion, CancellationToken cancellationToken)
    {
        var looked = 0;
        while (Stopwatch.GetElapsedTime(promotion.Timestamp) < Limit)
        {
            foreach (var (key, timestamp) in acknowledged.Skip(looked).ToList())
            {
                looked++;
                if (timestamp >= promotion.Timestamp && (await promotion.Node.ExecuteAsync(["EXISTS", key], cancellationToken)).Text == "1")
                    return timestamp;
            }

            await Task.Delay(Pause, cancellationToken);
        }

        return null;
    }
}
