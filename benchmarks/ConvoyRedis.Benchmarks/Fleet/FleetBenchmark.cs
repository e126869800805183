using ConvoyRedis.Benchmarks.Report;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>Many clients that share nothing, as the processes of a large service: what they cost, and how they meet a failover.</summary>
internal static class FleetBenchmark
{
    public static async Task<FleetResult> RunAsync(FleetPart part, FleetOrder order, CancellationToken cancellationToken)
    {
        var result = FleetResult.Nothing;
        await (part switch
        {
            FleetPart.Rest => ProgressView.RunAsync("fleet at rest", FleetAtRest.Steps(order), async step =>
                result = result with { Rest = await FleetAtRest.RunAsync(order, step, cancellationToken) }),
            FleetPart.Failover => ProgressView.RunAsync("fleet", FleetFailovers.Steps(order), async step =>
                result = result with { Failovers = await FleetFailovers.RunAsync(order, step, cancellationToken) }),
            FleetPart.Drills => ProgressView.RunAsync("fleet drills", FleetDrills.Steps(order), async step =>
                result = result with { Drills = await FleetDrills.RunAsync(order, step, cancellationToken) }),
            _ => ProgressView.RunAsync("fleet watchers", FleetWatchers.Steps(order), async step =>
                result = result with { Watched = await FleetWatchers.RunAsync(order, step, cancellationToken) }),
        });
        return result;
    }

    /// <summary>A deployment as in the guide; what the sentinels try again after a failover that came to nothing comes too late for a run.</summary>
    public static Task<SentinelTopology> StartAsync(bool isTls, CancellationToken cancellationToken) => SentinelTopology.StartAsync(
        new SentinelOptions { FailoverTimeout = TimeSpan.FromSeconds(30), Tls = isTls ? new TlsSettings() : null }, cancellationToken);
}
