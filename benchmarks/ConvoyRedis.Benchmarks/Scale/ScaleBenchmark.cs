using System.Diagnostics;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;
using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Scale;

/// <summary>Many registered connections in one process, and more or fewer sentinels.</summary>
internal static class ScaleBenchmark
{
    private static readonly (int Connections, int Sentinels)[] Sizes = [(1, 1), (1, 3), (1, 5), (1, 7), (10, 3), (100, 3)];
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<ScaleRun>> RunAsync(CancellationToken cancellationToken)
    {
        var results = new List<ScaleRun>();
        await MeasureAsync(1, 3, TimeSpan.Zero, cancellationToken);
        await ProgressView.RunAsync("scale", Sizes.Length, async step =>
        {
            foreach (var (connections, sentinels) in Sizes)
            {
                results.Add(await MeasureAsync(connections, sentinels, Rest, cancellationToken));
                step($"{connections} connections, {sentinels} sentinels: lag {results[^1].LagMedian.Duration()}");
            }
        });
        return results;
    }

    private static async Task<ScaleRun> MeasureAsync(int connections, int sentinels, TimeSpan rest, CancellationToken cancellationToken)
    {
        var options = new SentinelOptions { Sentinels = sentinels, Quorum = (sentinels / 2) + 1 };
        await using var topology = await SentinelTopology.StartAsync(options, cancellationToken);
        var (memory, idle) = (GC.GetTotalMemory(forceFullCollection: true), await CpuAsync(rest, cancellationToken));

        var services = new ServiceCollection();
        foreach (var number in Enumerable.Range(0, connections))
        {
            services.AddKeyedConvoyRedis($"{number}", keyed =>
            {
                var template = ConvoyRedisClient.OptionsFor(Deployment.Of(topology));
                (keyed.Scheme, keyed.Host, keyed.MasterName, keyed.Password) = (template.Scheme, template.Host, template.MasterName, template.Password);
            });
        }

        await using var provider = services.BuildServiceProvider();
        var databases = new List<IDatabase>();
        foreach (var number in Enumerable.Range(0, connections))
        {
            var connection = provider.GetRequiredKeyedService<IConvoyRedisConnection>($"{number}");
            databases.Add((await connection.GetMultiplexerAsync(cancellationToken)).GetDatabase());
            await databases[^1].PingAsync();
        }

        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        var added = GC.GetTotalMemory(forceFullCollection: true) - memory;
        var cpu = await CpuAsync(rest, cancellationToken) - idle;
        var (nodeSockets, sentinelSockets) = (await ClientsOfAsync(topology.Nodes), await ClientsOfAsync(topology.Sentinels));

        var (lags, failed) = await FailOverAsync(topology, databases, cancellationToken);
        return new ScaleRun(
            connections, sentinels, nodeSockets, sentinelSockets, Math.Round(added / 1024.0), Math.Round(cpu * 1000, 1), Math.Round(lags.Median(), 3), Math.Round(lags.Max(), 3), failed);
    }

    private static async Task<(IReadOnlyList<double> Lags, int Failed)> FailOverAsync(
        SentinelTopology topology, IReadOnlyList<IDatabase> databases, CancellationToken cancellationToken)
    {
        await using var observer = await PromotionObserver.StartAsync(topology, cancellationToken);
        var failed = 0;
        var stopAt = long.MaxValue;
        var writing = databases.Select((database, number) => Task.Run(async () =>
        {
            var ends = new List<long>();
            while (Stopwatch.GetTimestamp() < Volatile.Read(ref stopAt))
            {
                try
                {
                    await database.StringIncrementAsync($"key:{number}");
                    ends.Add(Stopwatch.GetTimestamp());
                }
                catch (Exception exception) when (exception is RedisException or TimeoutException)
                {
                    Interlocked.Increment(ref failed);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(2), CancellationToken.None);
            }

            return ends;
        }, CancellationToken.None)).ToList();
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        await topology.FailoverAsync(cancellationToken);
        var promotion = await observer.WaitForPromotionAsync(cancellationToken);

        // Nothing is acknowledged by the old master any more once the promotion is ordered: the first one after it is the new one's.
        Volatile.Write(ref stopAt, Stopwatch.GetTimestamp() + (2 * Stopwatch.Frequency));
        var ends = await Task.WhenAll(writing).WaitAsync(Limit, cancellationToken);
        return ([.. ends.Select(own => own.Where(end => end >= promotion.Timestamp).Select(end => Stopwatch.GetElapsedTime(promotion.Timestamp, end).TotalMilliseconds)
            .FirstOrDefault(double.PositiveInfinity))], failed);
    }

    private static async Task<double> CpuAsync(TimeSpan during, CancellationToken cancellationToken)
    {
        var (cpu, began) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await Task.Delay(during, cancellationToken);
        return (Environment.CpuUsage.TotalTime - cpu) / Stopwatch.GetElapsedTime(began);
    }

    // But for the servers' own links, which are named "sentinel-…" or flagged as a replica's or master's, and for the one that asks.
    private static async Task<int> ClientsOfAsync(IEnumerable<RedisServer> servers)
    {
        var clients = 0;
        foreach (var server in servers)
        {
            var list = await server.ExecuteAsync("CLIENT", "LIST");
            clients += list.Text!.Split('\n').Count(client => client.Length > 0
                && !client.Contains(" name=sentinel-", StringComparison.Ordinal)
                && !client.Contains(" flags=S ", StringComparison.Ordinal)
                && !client.Contains(" flags=M ", StringComparison.Ordinal)
                && !client.Contains(" cmd=client|list ", StringComparison.Ordinal));
        }

        return clients;
    }
}
