using System.Diagnostics;
using System.Globalization;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;
using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Replicas;

/// <summary>Reads with a master and two replicas: how many, and how they go on when something happens to the master.</summary>
internal static class ReplicaBenchmark
{
    private const int Callers = 64, CallersInAFault = 16, Rounds = 10;

    private static readonly TimeSpan RoundLength = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(5);
    private static readonly MasterFault[] Faults = [MasterFault.Planned, MasterFault.Kill, MasterFault.Hang];

    public static async Task<ReplicaResult> RunAsync(int runs, bool isQuick, CancellationToken cancellationToken)
    {
        var (rounds, result) = (isQuick ? 1 : Rounds, new ReplicaResult([], []));
        await ProgressView.RunAsync("replicas, reads", 1, async step =>
        {
            result = result with { Throughput = await ThroughputAsync(rounds, cancellationToken) };
            step(string.Join(", ", result.Throughput.Select(client => $"{client.Client} {client.PerSecond.Median().Count()}/s")));
        });
        await ProgressView.RunAsync("replicas, faults", runs * Faults.Length * Reader.All.Count, async step =>
        {
            var gaps = new List<ReplicaGap>();
            for (var run = 0; run < runs; run++)
            {
                foreach (var (fault, reader) in Faults.SelectMany(fault => Reader.All.Select(reader => (fault, reader))))
                {
                    gaps.Add(await GapAsync(reader, fault, cancellationToken));
                    step($"{fault}, {reader.Name}: failed {gaps[^1].Failed}, longest gap {gaps[^1].LongestGap.Duration()}");
                }
            }

            result = result with { Gaps = gaps };
        });
        return result;
    }

    private static async Task<IReadOnlyList<ReplicaThroughput>> ThroughputAsync(int rounds, CancellationToken cancellationToken)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: cancellationToken);
        var (master, results) = (await topology.GetMasterAsync(cancellationToken), Reader.All.ToDictionary(reader => reader, _ => (Rates: new List<double>(), AtMaster: 0L, All: 0L)));
        await master.ExecuteAsync("SET", Reader.Key, new string('x', 100));
        var clients = new List<(Reader Reader, IAsyncDisposable Owner, Func<Task<RedisValue>> ReadAsync)>();
        try
        {
            foreach (var reader in Reader.All)
            {
                var (owner, readAsync) = await reader.ConnectAsync(topology);
                clients.Add((reader, owner, readAsync));
            }

            await Task.Delay(Before, cancellationToken);
            for (var round = 0; round < rounds + 1; round++)
            {
                foreach (var (reader, _, readAsync) in clients)
                {
                    var before = await GetsAsync(master);
                    var (reads, began) = (0L, Stopwatch.GetTimestamp());
                    await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
                    {
                        while (Stopwatch.GetElapsedTime(began) < RoundLength)
                        {
                            await readAsync();
                            Interlocked.Increment(ref reads);
                        }
                    }, cancellationToken)));

                    // The first round is a warm-up.
                    if (round == 0)
                        continue;
                    var (rates, atMaster, all) = results[reader];
                    rates.Add(reads / Stopwatch.GetElapsedTime(began).TotalSeconds);
                    results[reader] = (rates, atMaster + await GetsAsync(master) - before, all + reads);
                }
            }
        }
        finally
        {
            foreach (var (_, owner, _) in clients)
                await owner.DisposeAsync();
        }

        return [.. results.Select(result => new ReplicaThroughput(
            result.Key.Name, [.. result.Value.Rates.Select(rate => Math.Round(rate))], Math.Round((double)result.Value.AtMaster / result.Value.All, 3)))];
    }

    private static async Task<long> GetsAsync(RedisServer node)
    {
        var line = (await node.ExecuteAsync("INFO", "commandstats")).Text!.Split('\n').FirstOrDefault(line => line.StartsWith("cmdstat_get:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split('=')[1].Split(',')[0], CultureInfo.InvariantCulture);
    }

    private static async Task<ReplicaGap> GapAsync(Reader reader, MasterFault fault, CancellationToken cancellationToken)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: cancellationToken);
        await (await topology.GetMasterAsync(cancellationToken)).ExecuteAsync("SET", Reader.Key, "0");
        var (owner, readAsync) = await reader.ConnectAsync(topology);
        await using var _ = owner;
        await using var writer = new StampWriter(await ConvoyRedisConnection.ConnectAsync(ConvoyRedisClient.OptionsFor(Deployment.Of(topology)), cancellationToken));
        await Task.Delay(Before, cancellationToken);
        var (gate, succeeded, failed, isStopped) = (new Lock(), 0L, 0L, false);
        var oldest = 0L;
        var (last, longestGap, longestCall) = (Stopwatch.GetTimestamp(), 0L, 0L);
        var reading = Task.WhenAll(Enumerable.Range(0, CallersInAFault).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref isStopped))
            {
                var (began, acknowledged) = (Stopwatch.GetTimestamp(), writer.Acknowledged);
                try
                {
                    var stamp = (long)await readAsync();
                    lock (gate)
                    {
                        var now = Stopwatch.GetTimestamp();
                        oldest = Math.Max(oldest, acknowledged - stamp);
                        (longestGap, longestCall, last) = (Math.Max(longestGap, now - last), Math.Max(longestCall, now - began), now);
                        succeeded++;
                    }
                }
                catch (Exception exception) when (exception is RedisException or TimeoutException)
                {
                    Interlocked.Increment(ref failed);
                    await Task.Delay(1, CancellationToken.None);
                }
            }
        }, CancellationToken.None)));
        await topology.CauseAsync(fault, cancellationToken);
        await Task.Delay(After, cancellationToken);
        Volatile.Write(ref isStopped, true);
        await reading;
        return new ReplicaGap(
            reader.Name, $"{fault}", succeeded, failed, Milliseconds(longestGap), Milliseconds(longestCall), Milliseconds(oldest), await RefusedWritesAsync(topology));
    }

    // Writes that reached a replica.
    private static async Task<long> RefusedWritesAsync(SentinelTopology topology)
    {
        var refused = 0L;
        foreach (var node in topology.Nodes.Where(node => node is { IsRunning: true, IsHung: false }))
        {
            var errors = (await node.ExecuteAsync("INFO", "errorstats")).Text!.Split('\n');
            refused += errors.Where(line => line.StartsWith("errorstat_READONLY:", StringComparison.Ordinal)).Sum(line => long.Parse(line.Split('=')[1], CultureInfo.InvariantCulture));
        }

        return refused;
    }

    private static double Milliseconds(long ticks) => Math.Round(ticks * 1000.0 / Stopwatch.Frequency, 3);
}
