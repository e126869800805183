using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Failover;
using ConvoyRedis.Benchmarks.Report;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>Planned changes of a cluster while writers write as fast as they can: this library, beside plain StackExchange.Redis.</summary>
internal static class ChangeBenchmark
{
    private const int WritersAtAFailover = 64, WritersAtAResharding = 16, MovedSlots = 200;

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(2);

    // The longest command timeout, twice.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The clients: those that share a connection among all callers, in a process like this one.</summary>
    public static IReadOnlyList<Contender> Clients { get; } = [.. Contender.All.Where(client => client.Id is "eager" or "stackexchange")];

    /// <param name="runs">How often each client meets each change.</param>
    /// <param name="step">Told after each run.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<ChangeRun>> RunAsync(int runs, Action<string> step, CancellationToken cancellationToken)
    {
        var results = new List<ChangeRun>();
        for (var run = 0; run < runs; run++)
        {
            foreach (var change in Enum.GetValues<ChangeKind>())
            {
                foreach (var client in Clients)
                {
                    results.Add(await MeasureAsync(client, change, cancellationToken));
                    step($"{change} under load: {client.Id} {results[^1].Failed} failed, longest call {results[^1].LongestCall.Duration()}");
                }
            }
        }

        return results;
    }

    private static async Task<ChangeRun> MeasureAsync(Contender contender, ChangeKind change, CancellationToken cancellationToken)
    {
        var (replicas, count) = change == ChangeKind.Failover ? (1, WritersAtAFailover) : (0, WritersAtAResharding);
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { Replicas = replicas }, cancellationToken);
        var deployment = Deployment.Of(cluster);
        await using var client = await contender.ConnectAsync!(deployment);
        var options = new ConfigurationOptions();
        foreach (var address in deployment.Addresses)
            options.EndPoints.Add(address);
        await using var checking = await ConnectionMultiplexer.ConnectAsync(options);

        IEnumerable<string> keys = change == ChangeKind.Failover
            ? Enumerable.Range(0, count).Select(number => $"{{{ClusterLab.HashTag}}}:{number}")
            : Enumerable.Range(0, int.MaxValue).Select(number => $"key:{number}").Where(key => checking.HashSlot(key) < MovedSlots).Take(count);
        List<ChangeWriter> writers = [.. keys.Select(key => new ChangeWriter(client, key))];
        using var stop = new CancellationTokenSource();
        var writing = writers.ConvertAll(writer => Task.Run(() => writer.RunAsync(stop.Token), CancellationToken.None));
        await Task.Delay(Before, cancellationToken);
        await BringAboutAsync(change, cluster, cancellationToken);
        await Task.Delay(After, cancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(writing).WaitAsync(Limit, cancellationToken);
        return await EvaluateAsync(contender, change, writers, checking.GetDatabase());
    }

    private static async Task BringAboutAsync(ChangeKind change, ClusterTopology cluster, CancellationToken cancellationToken)
    {
        var master = await cluster.GetMasterAsync(0, cancellationToken);
        if (change == ChangeKind.Failover)
            await cluster.FailoverAsync((await cluster.GetReplicasAsync(master, cancellationToken)).Single(), cancellationToken);
        else
            await cluster.MoveSlotsAsync(master, await cluster.AddNodeAsync(cancellationToken), Enumerable.Range(0, MovedSlots), cancellationToken);
    }

    private static async Task<ChangeRun> EvaluateAsync(Contender contender, ChangeKind change, List<ChangeWriter> writers, IDatabase database)
    {
        var (lost, repeated) = (0L, 0L);
        foreach (var writer in writers)
        {
            // Of what failed, nobody knows whether it was applied.
            var applied = (long)await database.StringGetAsync(writer.Key);
            lost += Math.Max(0, writer.Acknowledged - applied);
            repeated += Math.Max(0, applied - writer.Acknowledged - writer.Failed);
        }

        return new ChangeRun(
            contender.Id, change, writers.Count, writers.Sum(writer => writer.Acknowledged), writers.Sum(writer => writer.Failed), lost, repeated,
            Math.Round(writers.Max(writer => writer.LongestCall).TotalMilliseconds, 3),
            [.. writers.SelectMany(writer => writer.Errors).DistinctBy(error => error.Key).Select(error => error.Value)]);
    }
}
