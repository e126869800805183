using ConvoyRedis.Benchmarks.Report;
using ConvoyRedis.Testing;
using HdrHistogram;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>What commands cost through this library, beside plain StackExchange.Redis on the same server, in alternation.</summary>
internal static class SteadyBenchmark
{
    private const int Rounds = 20, RoundsOfTheFirst = 100;

    // Which thread serves a connection, and where its buffers lie, makes it slower or faster for as long as it lives: so they change.
    private const int RoundsOfAConnection = 10;

    // Short, so that whatever else the machine does meets both of a pair.
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(0.15);
    private static readonly TimeSpan LatencyLength = TimeSpan.FromSeconds(1);
    private static readonly int[] Concurrencies = [1, 64, 512];
    private static readonly bool[] WithoutAndWithTls = [false, true];

    /// <param name="isQuick">A tenth of the rounds, and of the workloads the first.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<SteadyResult> RunAsync(bool isQuick, CancellationToken cancellationToken)
    {
        var rows = new List<SteadyRow>();
        var workloads = isQuick ? [Workload.All[0]] : Workload.All;
        IReadOnlyList<Allocation> allocations = [];
        await ProgressView.RunAsync("steady", (2 * workloads.Count * Concurrencies.Length) + 1, async step =>
        {
            foreach (var tls in WithoutAndWithTls)
            {
                await using var redis = await StandaloneRedis.StartAsync(
                    new StandaloneOptions { Tls = tls ? new TlsSettings() : null }, cancellationToken);
                foreach (var workload in workloads)
                {
                    foreach (var callers in Concurrencies)
                    {
                        var rounds = (workload == Workload.All[0] && !tls ? RoundsOfTheFirst : Rounds) / (isQuick ? 10 : 1);
                        rows.Add(await MeasureAsync(redis, workload, callers, tls, rounds, cancellationToken));
                        step($"{workload.Name}, {callers} callers{(tls ? ", TLS" : "")}: "
                            + rows[^1].Pairs.Select(pair => pair.Own.CommandsPerSecond / pair.Plain.CommandsPerSecond).Median().Ratio());
                    }
                }
            }

            allocations = await AllocationBenchmark.RunAsync(isQuick);
            step("allocations");
        });
        return new SteadyResult(rows, allocations);
    }

    private static async Task<SteadyRow> MeasureAsync(
        StandaloneRedis redis, Workload workload, int callers, bool tls, int rounds, CancellationToken cancellationToken)
    {
        var pairs = new List<Pair>();
        var (own, plain) = (OpenLoop.NewHistogram(), OpenLoop.NewHistogram());
        var offered = 0.0;
        while (pairs.Count < rounds)
        {
            await using var connections = await ConnectedPair.ConnectAsync(redis, cancellationToken);
            await Throughput.MeasureAsync(connections.Own, workload, callers, Length);
            await Throughput.MeasureAsync(connections.Plain, workload, callers, Length);
            for (var round = 0; round < RoundsOfAConnection && pairs.Count < rounds; round++)
            {
                // Who comes first changes each time.
                var first = await Throughput.MeasureAsync(round % 2 == 0 ? connections.Own : connections.Plain, workload, callers, Length);
                var second = await Throughput.MeasureAsync(round % 2 == 0 ? connections.Plain : connections.Own, workload, callers, Length);
                pairs.Add(round % 2 == 0 ? new Pair(first, second) : new Pair(second, first));
            }

            if (offered == 0)
                offered = pairs.Select(pair => pair.Plain.CommandsPerSecond).Median() / 2;
            own.Add(await OpenLoop.MeasureAsync(connections.Own, workload, callers, offered / workload.Commands, LatencyLength));
            plain.Add(await OpenLoop.MeasureAsync(connections.Plain, workload, callers, offered / workload.Commands, LatencyLength));
        }

        return new SteadyRow(workload.Name, callers, tls, pairs, Math.Round(offered), Percentiles(own), Percentiles(plain));
    }

    private static Latency Percentiles(HistogramBase histogram) =>
        new(histogram.GetValueAtPercentile(50), histogram.GetValueAtPercentile(99), histogram.GetValueAtPercentile(99.9));
}
