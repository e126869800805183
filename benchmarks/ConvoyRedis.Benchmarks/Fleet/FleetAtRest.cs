using System.Diagnostics;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>What connected clients cost that do nothing.</summary>
internal static class FleetAtRest
{
    private static readonly TimeSpan LongestConnect = TimeSpan.FromMinutes(2);

    /// <summary>A client may ask more in the first 10 s after it has connected.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    /// <summary>How long the servers need after clients have gone.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(3);

    private static TimeSpan Length(FleetOrder order) => TimeSpan.FromSeconds(order.IsQuick ? 10 : 30);

    public static int Steps(FleetOrder order) => order.Tls.Count * order.Sizes.Count * order.Contenders.Count;

    public static async Task<IReadOnlyList<FleetRest>> RunAsync(FleetOrder order, Action<string> step, CancellationToken cancellationToken)
    {
        var results = new List<FleetRest>();
        foreach (var isTls in order.Tls)
        {
            await using var topology = await FleetBenchmark.StartAsync(isTls, cancellationToken);
            await Task.Delay(Settling, cancellationToken);
            var without = await CountAsync(topology, Length(order), cancellationToken);
            foreach (var clients in order.Sizes)
            {
                foreach (var contender in order.Contenders)
                {
                    FleetRest? rest;
                    await using (var fleet = await FleetProcess.StartAsync(contender, clients))
                        rest = await MeasureAsync(topology, fleet, contender, clients, Length(order), without, cancellationToken);
                    if (rest is not null)
                        results.Add(rest);
                    step($"{clients} × {contender.Id}{(isTls ? ", TLS" : "")}: "
                        + (rest is null ? "not all connected" : string.Join(", ", rest.Loads.Select(load => $"{load.Server} {load.Connected:0} connections, {load.Commands / rest.Seconds:0.0} commands/s"))));
                    await Task.Delay(Between, cancellationToken);
                }
            }
        }

        return results;
    }

    // Null when not all of them connected.
    private static async Task<FleetRest?> MeasureAsync(
        SentinelTopology topology, FleetProcess fleet, Contender contender, int clients, TimeSpan length, IReadOnlyList<FleetLoad> without, CancellationToken cancellationToken)
    {
        if (!await fleet.ConnectAsync(Deployment.Of(topology), LongestConnect))
            return null;
        await Task.Delay(Settling, cancellationToken);
        var (cpu, began) = (fleet.CpuTime, Stopwatch.GetTimestamp());
        var with = await CountAsync(topology, length, cancellationToken);
        var (used, elapsed) = (fleet.CpuTime - cpu, Stopwatch.GetElapsedTime(began));
        List<FleetLoad> loads = [.. with.Select(load => load.Less(without.Single(other => other.Server == load.Server)))];
        return contender.IsOurs && loads.Single(load => load.Server == FleetServer.Sentinel).Connected < clients
            ? throw new InvalidOperationException("The clients share connections to the sentinels: they do not stand for processes.")
            : new FleetRest(contender.Id, clients, topology.Certificates is not null, Math.Round(elapsed.TotalSeconds, 3), loads, Math.Round(used.TotalMilliseconds, 1));
    }

    private static async Task<IReadOnlyList<FleetLoad>> CountAsync(SentinelTopology topology, TimeSpan length, CancellationToken cancellationToken)
    {
        var master = await topology.GetMasterAsync(cancellationToken);
        var before = await ServerCounters.ReadAsync(topology.Servers, cancellationToken);
        await Task.Delay(length, cancellationToken);
        return FleetLoads.Of(topology, master, null, before, await ServerCounters.ReadAsync(topology.Servers, cancellationToken));
    }
}
