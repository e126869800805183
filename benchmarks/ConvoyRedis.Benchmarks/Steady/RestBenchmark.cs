using System.Globalization;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;
using ConvoyRedis.Client;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>What a connection on which nothing is asked asks of each node, by INFO commandstats: less what the servers ask of each other.</summary>
internal static class RestBenchmark
{
    private const string Prefix = "cmdstat_";

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>The deployments, and so the steps.</summary>
    public const int Deployments = 3;

    /// <param name="length">How long it is counted.</param>
    /// <param name="step">Told after each deployment.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<RestRow>> RunAsync(TimeSpan length, Action<string> step, CancellationToken cancellationToken)
    {
        var rows = new List<RestRow>();
        await using (var redis = await StandaloneRedis.StartAsync(cancellationToken: cancellationToken))
            await AddAsync(Deployment.Of(redis.Server.Host, redis.Server.Port), [redis.Server]);
        await using (var cluster = await ClusterTopology.StartAsync(new ClusterOptions { Replicas = 1 }, cancellationToken))
            await AddAsync(Deployment.Of(cluster), cluster.Nodes);
        await using (var topology = await SentinelTopology.StartAsync(cancellationToken: cancellationToken))
            await AddAsync(Deployment.Of(topology), topology.Nodes);
        return rows;

        async Task AddAsync(Deployment deployment, IReadOnlyList<RedisServer> nodes)
        {
            rows.AddRange(await MeasureAsync(deployment, nodes, length, cancellationToken));
            step($"at rest, {deployment.Kind}: " + string.Join(", ", rows.Where(row => row.Deployment == deployment.Kind).Select(row => $"{row.Role} {row.Own.Values.Sum().Count()}")));
        }
    }

    private static async Task<IReadOnlyList<RestRow>> MeasureAsync(
        Deployment deployment, IReadOnlyList<RedisServer> nodes, TimeSpan length, CancellationToken cancellationToken)
    {
        var roles = new List<string>();
        foreach (var node in nodes)
            roles.Add((await node.ExecuteAsync(["ROLE"], cancellationToken)).Items[0].Text == "master" ? "master" : "replica");
        var idle = await CountAsync(nodes, length, cancellationToken);
        List<Dictionary<string, double>> own, plain;
        await using (await ConvoyRedisClient.ConnectAsync(deployment, FailoverMode.Eager))
            own = await CountAsync(nodes, length, cancellationToken);
        await using (await StackExchangeClient.ConnectAsync(deployment, isTuned: false))
            plain = await CountAsync(nodes, length, cancellationToken);

        // Of each role the node that is asked most.
        return [.. roles.Index().GroupBy(one => one.Item, one => one.Index).Select(role => new RestRow(
            deployment.Kind, role.Key,
            role.Select(node => Less(own[node], idle[node])).MaxBy(counts => counts.Values.Sum())!,
            role.Select(node => Less(plain[node], idle[node])).MaxBy(counts => counts.Values.Sum())!))];
    }

    // Commands a second, of each node.
    private static async Task<List<Dictionary<string, double>>> CountAsync(IReadOnlyList<RedisServer> nodes, TimeSpan length, CancellationToken cancellationToken)
    {
        await Task.Delay(Settling, cancellationToken);
        foreach (var node in nodes)
            await node.ExecuteAsync(["CONFIG", "RESETSTAT"], cancellationToken);
        await Task.Delay(length, cancellationToken);
        var counts = new List<Dictionary<string, double>>();
        foreach (var node in nodes)
        {
            var lines = (await node.ExecuteAsync(["INFO", "commandstats"], cancellationToken)).Text!.Split("\r\n");
            counts.Add(lines.Where(line => line.StartsWith(Prefix, StringComparison.Ordinal)).Select(line => line[Prefix.Length..].Split(":calls=")).ToDictionary(
                parts => parts[0], parts => double.Parse(parts[1].Split(',')[0], CultureInfo.InvariantCulture) / length.TotalSeconds));
        }

        return counts;
    }

    private static Dictionary<string, double> Less(Dictionary<string, double> counts, Dictionary<string, double> idle) =>
        counts.Select(count => (Command: count.Key, PerSecond: Math.Round(count.Value - idle.GetValueOrDefault(count.Key), 2)))
            .Where(count => count.PerSecond > 0).OrderByDescending(count => count.PerSecond).ToDictionary(count => count.Command, count => count.PerSecond);
}
