using System.Diagnostics;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>Does one fault to a fresh topology while clients write, each in a process of its own.</summary>
internal static class FailoverMeasurement
{
    private const double NanosecondsInMillisecond = 1e6;

    // The guide's: what the sentinels try again is no run any more.
    private static readonly TimeSpan FailoverTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>A client that has written nothing on the new master for this long never comes back.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A run for each of the clients, or null when the sentinels did something else: they failed over once more (on a busy machine they may take
    /// the new master for down), or not at all (two of them that split their votes wait for twice the failover-timeout).
    /// </summary>
    public static async Task<IReadOnlyList<FailoverRun>?> MeasureAsync(
        IReadOnlyList<Contender> contenders, Scenario fault, CancellationToken cancellationToken)
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { FailoverTimeout = FailoverTimeout }, cancellationToken);
        await using var events = await SentinelEvents.StartAsync(topology);
        var clients = new List<ClientProcess>();
        try
        {
            foreach (var contender in contenders)
            {
                clients.Add(await ClientProcess.StartAsync(contender));
                if (await clients[^1].ConnectAsync(Deployment.Of(topology), Limit) is null)
                    throw new InvalidOperationException($"{contender.Name} does not connect to a healthy deployment.");
            }

            await using var observer = await PromotionObserver.StartAsync(topology, cancellationToken);
            clients.ForEach(client => client.BeginWriting());
            await Task.Delay(Before, cancellationToken);

            var old = await topology.GetMasterAsync(cancellationToken);
            var faultAt = ClientHost.Now;
            await fault.BringAboutAsync(topology, cancellationToken);
            if (await PromotionAsync(observer, cancellationToken) is not { } promotion)
                return null;
            var firsts = await Task.WhenAll(clients.Select(client => FirstWriteAsync(client, old, promotion, cancellationToken)));
            await Task.Delay(After, cancellationToken);
            await Task.WhenAll(clients.Select(client => client.StopWritingAsync()));
            if (await topology.GetMasterAsync(cancellationToken) != promotion.Node)
                return null;

            var runs = new List<FailoverRun>();
            foreach (var (client, first) in clients.Zip(firsts))
                runs.Add(await EvaluateAsync(client, fault, faultAt, promotion, first, events, cancellationToken));
            return runs;
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    private static async Task<Promotion?> PromotionAsync(PromotionObserver observer, CancellationToken cancellationToken)
    {
        try
        {
            return await observer.WaitForPromotionAsync(cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    // Since its promotion the new master copies nobody: what began after it and is there was written there. What began before it may have come
    // from the old master; not, if that does not have it.
    private static async Task<long?> FirstWriteAsync(
        ClientProcess client, RedisServer old, Promotion promotion, CancellationToken cancellationToken)
    {
        var looked = 0;
        while (Stopwatch.GetElapsedTime(promotion.Timestamp) < Limit)
        {
            foreach (var write in client.Writes.Skip(looked).ToList())
            {
                looked++;
                if (write.Error is not null || write.Ended < Instant(promotion) || !await HasAsync(promotion.Node, write, cancellationToken))
                    continue;
                if (write.Began >= Instant(promotion) || !await HasAsync(old, write, cancellationToken))
                    return write.Ended;
            }

            await Task.Delay(Pause, cancellationToken);
        }

        return null;
    }

    // A node that just becomes a replica, which ends its connections, will have whatever the master has.
    private static async Task<bool> HasAsync(RedisServer node, Write write, CancellationToken cancellationToken)
    {
        try
        {
            return node is { IsRunning: true, IsHung: false } && (await node.ExecuteAsync(["EXISTS", write.Key], cancellationToken)).Text == "1";
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task<FailoverRun> EvaluateAsync(
        ClientProcess client,
        Scenario fault,
        long faultAt,
        Promotion promotion,
        long? first,
        SentinelEvents events,
        CancellationToken cancellationToken)
    {
        var writes = client.Writes.ToList();
        var times = await TimesWrittenAsync(promotion.Node, [.. writes.Select(write => write.Key)], cancellationToken);
        var lasting = writes.Where(write => write.Error is null && times[write.Key] > 0).Select(write => write.Ended).Order().ToList();
        var gap = lasting.Zip(lasting.Skip(1), (from, to) => (From: from, To: to)).MaxBy(gap => gap.To - gap.From);
        var since = (long instant) => Math.Round((instant - Instant(promotion)) / NanosecondsInMillisecond, 3);
        return new FailoverRun(
            client.Contender.Id,
            fault,
            since(faultAt),
            events.InstantsOf("+promoted-slave") is [var promoted, ..] ? since(promoted) : null,
            [.. events.InstantsOf("+switch-master").Select(since)],
            first is { } came ? since(came) : null,
            since(first is null ? lasting[^1] : gap.From),
            first is null ? null : since(gap.To),
            writes.Count(write => write.Error is null),
            writes.Count(write => write.Error is null && times[write.Key] == 0),
            times.Values.Count(count => count > 1),
            writes.Count(write => write.Error is not null),
            Math.Round(writes.Max(write => write.Ended - write.Began) / NanosecondsInMillisecond, 3),
            [.. writes.Select(write => write.Error).OfType<string>().GroupBy(error => error[..Math.Min(error.Length, 60)]).Select(group => $"{group.Count()} × {group.First()}")]);
    }

    private static async Task<Dictionary<string, int>> TimesWrittenAsync(
        RedisServer node, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var times = new Dictionary<string, int>();
        foreach (var some in keys.Distinct().Chunk(1000))
        {
            var values = await node.ExecuteAsync(["MGET", .. some], cancellationToken);
            foreach (var (key, value) in some.Zip(values.Items))
                times[key] = int.Parse(value.Text ?? "0", null);
        }

        return times;
    }

    private static long Instant(Promotion promotion) => (long)(promotion.Timestamp * (1e9 / Stopwatch.Frequency));
}
