using System.Diagnostics;
using System.Globalization;
using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>What a command costs through this library, beside plain StackExchange.Redis on the same server, in alternation.</summary>
internal static class SteadyBenchmark
{
    // Short, so that whatever else the machine does meets both of a pair.
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(0.15);
    private static readonly int[] Concurrencies = [1, 64, 512];

    // Which thread serves a connection, and where its buffers lie, makes it slower or faster for as long as it lives: so they change.
    private const int RoundsOfAConnection = 10;

    public static async Task RunAsync(int rounds, CancellationToken cancellationToken)
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: cancellationToken);
        Console.WriteLine("| callers | commands/s, ratio to plain (median; lower 95 % bound) | CPU per command, ratio | bytes allocated per command, here / plain | commands/s and µs of CPU per command, here |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var callers in Concurrencies)
        {
            var pairs = new List<(Cost Own, Cost Peer)>();
            while (pairs.Count < rounds && !cancellationToken.IsCancellationRequested)
                pairs.AddRange(await MeasurePairsAsync(redis.Server, callers, cancellationToken));
            Console.WriteLine(Row(callers, pairs));
        }
    }

    private static async Task<List<(Cost Own, Cost Peer)>> MeasurePairsAsync(RedisServer server, int callers, CancellationToken cancellationToken)
    {
        await using var ours = await ConvoyRedisConnection.ConnectAsync(
            new ConvoyRedisOptions { Host = server.Host, Port = server.Port }, cancellationToken);
        await using var plain = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { server.Host, server.Port } },
            Protocol = RedisProtocol.Resp2,
            HeartbeatInterval = TimeSpan.FromMilliseconds(250),
            AsyncTimeout = 15_000,
            SyncTimeout = 15_000,
        });
        var (own, peer) = ((await ours.GetMultiplexerAsync(cancellationToken)).GetDatabase(), plain.GetDatabase());
        await MeasureAsync(own, callers, Length);
        await MeasureAsync(peer, callers, Length);
        var pairs = new List<(Cost Own, Cost Peer)>();
        for (var round = 0; round < RoundsOfAConnection; round++)
        {
            // Who comes first changes each time.
            var first = await MeasureAsync(round % 2 == 0 ? own : peer, callers, Length);
            var second = await MeasureAsync(round % 2 == 0 ? peer : own, callers, Length);
            pairs.Add(round % 2 == 0 ? (first, second) : (second, first));
        }

        return pairs;
    }

    private static string Row(int callers, List<(Cost Own, Cost Peer)> pairs)
    {
        var throughput = pairs.Select(pair => pair.Own.CommandsPerSecond / pair.Peer.CommandsPerSecond).Order().ToList();

        // The lower 95 % bound of a median (two-sided): the value of this rank, whatever the distribution (sign test).
        var rank = Math.Max(0, (int)Math.Floor((throughput.Count / 2.0) - (0.98 * Math.Sqrt(throughput.Count))));
        return string.Create(CultureInfo.InvariantCulture, $"| {callers} | {Median(throughput):F3} ({throughput[rank]:F3}) "
            + $"| {Median(pairs.Select(pair => pair.Own.MicrosecondsOfCpu / pair.Peer.MicrosecondsOfCpu)):F3} "
            + $"| {Median(pairs.Select(pair => pair.Own.BytesAllocated)):F0} / {Median(pairs.Select(pair => pair.Peer.BytesAllocated)):F0} "
            + $"| {Median(pairs.Select(pair => pair.Own.CommandsPerSecond)):F0}, {Median(pairs.Select(pair => pair.Own.MicrosecondsOfCpu)):F2} |");
    }

    // SET and GET of 100 bytes.
    private static async Task<Cost> MeasureAsync(IDatabase database, int callers, TimeSpan length)
    {
        var value = new byte[100];
        var commands = 0L;
        var (cpu, bytes, began) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            RedisKey key = $"key:{caller}";
            var own = 0;
            for (; Stopwatch.GetElapsedTime(began) < length; own += 2)
            {
                await database.StringSetAsync(key, value);
                await database.StringGetAsync(key);
            }

            Interlocked.Add(ref commands, own);
        })));
        var took = Stopwatch.GetElapsedTime(began);
        return new Cost(
            commands / took.TotalSeconds,
            (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / commands,
            (GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)commands);
    }

    private static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private sealed record Cost(double CommandsPerSecond, double MicrosecondsOfCpu, double BytesAllocated);
}
