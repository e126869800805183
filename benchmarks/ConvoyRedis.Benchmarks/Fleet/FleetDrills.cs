using System.Globalization;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;
using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>Planned failovers in a row, on one deployment and one connection of this library, while many callers write.</summary>
internal static class FleetDrills
{
    private const int InARow = 20, InAQuickRow = 3;

    private static readonly (int Writers, int PayloadBytes)[] Loads = [(64, 100), (256, 10 * 1024)];
    private static readonly TimeSpan Before = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(1);

    private static int Count(FleetOrder order) => order.IsQuick ? InAQuickRow : InARow;

    public static int Steps(FleetOrder order) => Loads.Length * Count(order);

    public static async Task<IReadOnlyList<FleetDrill>> RunAsync(FleetOrder order, Action<string> step, CancellationToken cancellationToken)
    {
        var results = new List<FleetDrill>();
        foreach (var (writers, payloadBytes) in Loads)
        {
            await using var topology = await SentinelTopology.StartAsync(cancellationToken: cancellationToken);
            await using var connection = await ConvoyRedisConnection.ConnectAsync(ConvoyRedisClient.OptionsFor(Deployment.Of(topology)), cancellationToken);
            var database = (await connection.GetMultiplexerAsync(cancellationToken)).GetDatabase();
            for (var number = 0; number < Count(order); number++)
            {
                var drill = await DrillAsync(topology, database, $"drill:{number}", writers, payloadBytes, cancellationToken);
                results.Add(drill);
                step($"{writers} writers of {payloadBytes} bytes: {drill.Acknowledged} writes, failed {drill.Failed}, lost {drill.Lost}, repeated {drill.Repeated}, "
                    + $"longest call {drill.LongestCall.Duration()}");
                await topology.WaitUntilSettledAsync(cancellationToken);
            }
        }

        return results;
    }

    private static async Task<FleetDrill> DrillAsync(
        SentinelTopology topology, IDatabase database, string prefix, int writers, int payloadBytes, CancellationToken cancellationToken)
    {
        using var observer = FleetObserver.OfReplicas(topology, await topology.GetMasterAsync(cancellationToken));
        var writing = new FleetWriters(database, prefix, writers, payloadBytes);
        FleetTakeover? takeover;
        try
        {
            await Task.Delay(Before, cancellationToken);
            await topology.FailoverAsync(cancellationToken);
            takeover = await observer.WaitAsync(cancellationToken);
            await Task.Delay(After, cancellationToken);
        }
        finally
        {
            await writing.StopAsync();
        }

        if (takeover is null)
            throw new InvalidOperationException("A planned failover was accepted, and no replica was promoted.");
        var (lost, repeated) = (0L, 0L);
        foreach (var writer in writing.Writers)
        {
            // What failed may have been carried out or not.
            var added = await CountAddedAsync(takeover.Node, writer.Stream, cancellationToken);
            lost += Math.Max(0, writer.Acknowledged - added);
            repeated += Math.Max(0, added - writer.Acknowledged - writer.Failed);
        }

        return new FleetDrill(
            writers, payloadBytes, writing.Writers.Sum(writer => writer.Acknowledged), writing.Writers.Sum(writer => writer.Failed), lost, repeated,
            Math.Round(writing.Writers.Max(writer => writer.LongestCall.TotalMilliseconds), 3));
    }

    private static async Task<long> CountAddedAsync(RedisServer node, string stream, CancellationToken cancellationToken)
    {
        var information = await node.ExecuteAsync(["XINFO", "STREAM", stream], cancellationToken);
        return information.IsError ? 0 : long.Parse(information.Field("entries-added")!, CultureInfo.InvariantCulture);
    }
}
