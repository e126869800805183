using ConvoyRedis.Benchmarks.Report;
using ConvoyRedis.Testing;
using HdrHistogram;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>What commands cost through this library, beside plain StackExchange.Redis on the same server or cluster, in alternation.</summary>
internal static class SteadyBenchmark
{
    private const int Rounds = 20, RoundsOfTheFirst = 100;

    // Which thread serves a connection, and where its buffers lie, makes it slower or faster for as long as it lives: so they change.
    private const int RoundsOfAConnection = 10;

    // Short, so that whatever else the machine does meets both of a pair.
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(0.15);
    private static readonly TimeSpan LatencyLength = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LengthAtRest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ShortLengthAtRest = TimeSpan.FromSeconds(20);
    private static readonly int[] Concurrencies = [1, 64, 512];

    // A cluster without replicas: what they do would be part of neither client's cost, and takes the processor from both.
    private static readonly (bool IsCluster, bool Tls)[] Deployments = [(false, false), (true, false), (false, true)];

    /// <param name="parts">What is measured.</param>
    /// <param name="runs">How often a client meets a change of a cluster.</param>
    /// <param name="isQuick">A tenth of the rounds, and of the workloads the first.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<SteadyResult> RunAsync(IReadOnlyCollection<SteadyPart> parts, int runs, bool isQuick, CancellationToken cancellationToken)
    {
        var result = new SteadyResult([], []);
        var workloads = isQuick ? [Workload.All[0]] : Workload.All;
        if (parts.Contains(SteadyPart.Cost))
        {
            await ProgressView.RunAsync("steady", (Deployments.Length * workloads.Count * Concurrencies.Length) + 1, async step =>
            {
                result = result with { Rows = await MeasureAsync(workloads, isQuick, step, cancellationToken) };
                result = result with { Allocations = await AllocationBenchmark.RunAsync(isQuick) };
                step("allocations");
            });
        }

        if (parts.Contains(SteadyPart.Rest))
        {
            await ProgressView.RunAsync("steady", RestBenchmark.Deployments, async step =>
                result = result with { Rest = await RestBenchmark.RunAsync(isQuick ? ShortLengthAtRest : LengthAtRest, step, cancellationToken) });
        }

        if (parts.Contains(SteadyPart.Changes))
        {
            await ProgressView.RunAsync("steady", runs * Enum.GetValues<ChangeKind>().Length * ChangeBenchmark.Clients.Count, async step =>
                result = result with { Changes = await ChangeBenchmark.RunAsync(runs, step, cancellationToken) });
        }

        return result;
    }

    private static async Task<IReadOnlyList<SteadyRow>> MeasureAsync(
        IReadOnlyList<Workload> workloads, bool isQuick, Action<string> step, CancellationToken cancellationToken)
    {
        var rows = new List<SteadyRow>();
        foreach (var (isCluster, tls) in Deployments)
        {
            await using RedisTopology redis = isCluster
                ? await ClusterTopology.StartAsync(cancellationToken: cancellationToken)
                : await StandaloneRedis.StartAsync(new StandaloneOptions { Tls = tls ? new TlsSettings() : null }, cancellationToken);
            foreach (var workload in workloads)
            {
                foreach (var callers in Concurrencies)
                {
                    var rounds = (workload == Workload.All[0] && !tls ? RoundsOfTheFirst : Rounds) / (isQuick ? 10 : 1);
                    var row = await MeasureAsync(redis, workload, callers, rounds, cancellationToken);
                    rows.Add(row with { IsCluster = isCluster, Tls = tls });
                    step($"{SteadyReport.Name(rows[^1])}, {callers} callers: "
                        + row.Pairs.Select(pair => pair.Own.CommandsPerSecond / pair.Plain.CommandsPerSecond).Median().Ratio());
                }
            }
        }

        return rows;
    }

    private static async Task<SteadyRow> MeasureAsync(
        RedisTopology redis, Workload workload, int callers, int rounds, CancellationToken cancellationToken)
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

        return new SteadyRow(workload.Name, callers, Tls: false, pairs, Math.Round(offered), Percentiles(own), Percentiles(plain));
    }

    private static Latency Percentiles(HistogramBase histogram) =>
        new(histogram.GetValueAtPercentile(50), histogram.GetValueAtPercentile(99), histogram.GetValueAtPercentile(99.9));
}
