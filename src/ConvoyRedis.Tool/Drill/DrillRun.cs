using System.Diagnostics;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Nodes;
using StackExchange.Redis;

namespace ConvoyRedis.Tool.Drill;

/// <summary>One drill: connects as a service does, writes, brings the fault about, and looks what became of the writes.</summary>
/// <param name="options">Where the deployment is.</param>
/// <param name="deployment">What is failed over: by what the settings mean, once the connection has found out.</param>
/// <param name="writers">How many tasks write.</param>
/// <param name="progress">Told what is going on.</param>
internal sealed class DrillRun(
    ConvoyRedisOptions options, Func<ConvoyRedisTarget, DeploymentDialers, IDrillDeployment> deployment, int writers, Action<string> progress)
{
    private const int LookedUpAtOnce = 1000;

    private static readonly TimeSpan Before = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan After = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AnnouncementPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(5);

    /// <summary>Runs the drill.</summary>
    /// <param name="fault">What is done.</param>
    /// <param name="strike">Does it to the present master; null lets the deployment do it.</param>
    /// <param name="cancellationToken">Ends the drill.</param>
    /// <exception cref="ConvoyRedisConnectionException">The deployment is not reached, or refuses the failover.</exception>
    /// <exception cref="TimeoutException">No new master took a write within a minute.</exception>
    public async Task<DrillReport> RunAsync(DrillFault fault, Func<ConvoyRedisEndpoint, Task>? strike, CancellationToken cancellationToken)
    {
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, cancellationToken);
        var multiplexer = await connection.GetMultiplexerAsync(cancellationToken);
        var (target, database) = (connection.Target, multiplexer.GetDatabase());
        using var dialers = new DeploymentDialers(target, TimeProvider.System);
        var scene = deployment(target, dialers);
        var subject = await scene.FindAsync(connection, cancellationToken);
        var (old, epoch) = (subject.Master, connection.Epoch);
        var slots = subject.Slots.Count == 0 ? null : SlotText.Of(subject.Slots);
        progress($"Connected to the master {old}{(slots is null ? "" : $" of slots {slots}")}; {writers} tasks write.");

        var redirected = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.MasterChanged += (_, change) =>
        {
            if (change.Previous == old)
                redirected.TrySetResult(Stopwatch.GetTimestamp());
        };
        await using var probes = new ReplicaProbes(dialers.Nodes, subject.Replicas);
        await using var writing = new DrillWriters(database, subject.KeyPrefix(multiplexer), writers);
        await Task.Delay(Before, cancellationToken);

        progress($"{DrillFacts.Describe(fault, slots)} at {old}.");
        var (at, struck) = (DateTime.UtcNow, Stopwatch.GetTimestamp());
        await (strike?.Invoke(old) ?? scene.FailOverAsync(subject, cancellationToken));
        var promotion = await probes.Promoted.WaitAsync(Patience, cancellationToken);
        progress($"{promotion.Node} is the master now.");
        var announcement = AnnouncementAsync(connection, epoch, cancellationToken);
        long? redirect = target.Topology == ConvoyRedisTopology.Standalone ? null : await redirected.Task.WaitAsync(Patience, cancellationToken);
        await WaitForWriteAsync(writing, redirect ?? promotion.Timestamp, cancellationToken);
        await Task.Delay(After, cancellationToken);
        var announced = await announcement;
        await writing.StopAsync();
        progress("Looking for every acknowledged write.");

        var writes = writing.Writes;
        var acknowledged = writes.Where(write => write.Error is null).ToList();
        var firstWrite = await FirstWriteOnNewMasterAsync(database, acknowledged, promotion.Timestamp);
        double Ms(long timestamp) => Math.Round((timestamp - struck) * 1000.0 / Stopwatch.Frequency, 1);
        return new DrillReport
        {
            Target = target.ToString(),
            At = at,
            Fault = fault,
            OldMaster = old.ToString(),
            NewMaster = promotion.Node.ToString(),
            Slots = slots,
            PromotionMs = Ms(promotion.Timestamp),
            RedirectMs = redirect is { } reported ? Ms(reported) : null,
            FirstWriteMs = Ms(firstWrite),
            AnnouncedMs = announced is { } timestamp ? Ms(timestamp) : null,
            OutageMs = Math.Round(LongestGap(acknowledged), 1),
            LongestCallMs = Math.Round(writes.Max(write => Stopwatch.GetElapsedTime(write.Began, write.Ended).TotalMilliseconds), 1),
            Acknowledged = acknowledged.Count,
            Failed = writes.Count - acknowledged.Count,
            Lost = await CountMissingAsync(database, acknowledged),
            Repeated = writes.Count(write => write.IsRepeated),
            Errors = writes.Where(write => write.Error is not null).CountBy(write => connection.Shown(Kind(write.Error!))).ToDictionary(),
            Ends = [.. writes.Select(write => (Ms(write.Ended), write.Error is null))],
        };
    }

    private static async Task WaitForWriteAsync(DrillWriters writing, long since, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (!writing.Writes.Any(write => write.Error is null && write.Began >= since))
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
                throw new TimeoutException($"No write was acknowledged within {Patience.TotalSeconds} s after the redirect.");
            await Task.Delay(PollPeriod, cancellationToken);
        }
    }

    // Since its promotion the new master copies nobody: what was acknowledged after it and is there was written there.
    private static async Task<long> FirstWriteOnNewMasterAsync(IDatabase database, List<DrillWrite> acknowledged, long promotion)
    {
        foreach (var write in acknowledged.Where(write => write.Ended >= promotion))
        {
            if (await database.KeyExistsAsync(write.Key))
                return write.Ended;
        }

        throw new TimeoutException("No write that was acknowledged after the promotion is on the new master.");
    }

    private static async Task<long?> AnnouncementAsync(ConvoyRedisConnection connection, long? before, CancellationToken cancellationToken)
    {
        if (connection.Coordinator is null)
            return null;
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < AnnouncementPatience)
        {
            if (connection.Epoch > before)
                return Stopwatch.GetTimestamp();
            await Task.Delay(PollPeriod, cancellationToken);
        }

        return null;
    }

    // StackExchange.Redis appends the state of its connection, which differs from error to error.
    private static string Kind(string error) => error.Split(',')[0];

    private static double LongestGap(List<DrillWrite> acknowledged) =>
        acknowledged.Zip(acknowledged.Skip(1), (one, next) => Stopwatch.GetElapsedTime(one.Ended, next.Ended).TotalMilliseconds)
            .DefaultIfEmpty().Max();

    private static async Task<int> CountMissingAsync(IDatabase database, List<DrillWrite> acknowledged)
    {
        var there = 0L;
        foreach (var some in acknowledged.Chunk(LookedUpAtOnce))
        {
            RedisKey[] keys = [.. some.Select(write => write.Key)];
            there += await database.KeyExistsAsync(keys);
            await database.KeyDeleteAsync(keys);
        }

        return (int)(acknowledged.Count - there);
    }
}
