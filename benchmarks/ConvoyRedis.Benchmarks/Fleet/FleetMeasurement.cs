using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>Does one fault to a fresh deployment while clients write.</summary>
/// <param name="fault">The fault.</param>
/// <param name="isTls">Whether everybody uses TLS.</param>
/// <param name="limit">How long clients may take to come back.</param>
/// <param name="without">What the servers do in such a failover without clients; empty if that is to be found out.</param>
internal sealed class FleetMeasurement(FleetFault fault, bool isTls, TimeSpan limit, IReadOnlyList<FleetLoad> without)
{
    private const double NanosecondsInMillisecond = 1e6;

    private static readonly TimeSpan LongestConnect = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan OutageLength = TimeSpan.FromSeconds(5);

    /// <summary>How long the servers are watched after the promotion.</summary>
    public static readonly TimeSpan Watched = TimeSpan.FromSeconds(3);

    /// <summary>
    /// A run of so many clients, or null when the deployment did something else: it failed over once more (on a busy machine sentinels may take the new master
    /// for down), or not at all, or a replica copied the master's data anew.
    /// </summary>
    public async Task<FleetRun?> RunAsync(Contender? contender, int clients, CancellationToken cancellationToken)
    {
        await using var topology = await FleetBenchmark.StartAsync(isTls, cancellationToken);
        var master = await topology.GetMasterAsync(cancellationToken);
        await FleetKeys.SetAsync(topology, master, Math.Max(1, clients), cancellationToken);
        await using var fleet = contender is null ? null : await FleetProcess.StartAsync(contender, clients);
        if (fleet is not null)
        {
            if (!await fleet.ConnectAsync(Deployment.Of(topology), LongestConnect))
                return new FleetRun(contender!.Id, clients, isTls, fault, null, null, null, clients, null, null, null, null, null, [], ["not all clients connected before the fault"]);
            fleet.BeginWriting(FleetPace.Of(clients));
        }

        await Task.Delay(Before, cancellationToken);
        if (!await FleetKeys.AreSetAsync(topology, master, cancellationToken))
            return null;
        var (takeover, before) = await FailOverAsync(topology, master, fleet, cancellationToken);
        if (takeover is null)
            return null;
        var (roles, after) = await WatchAsync(topology, takeover, fleet, cancellationToken);
        if (fleet is not null)
            await Task.WhenAny(fleet.AllBack, Task.Delay(Left(takeover, limit), cancellationToken));
        var writes = fleet is null ? new FleetWrites(0, 0, 0, []) : await fleet.StopAsync();
        return await topology.GetMasterAsync(cancellationToken) == takeover.Node
            ? Evaluate(topology, contender?.Id ?? "", clients, master, takeover, roles, before, after, fleet?.Backs ?? [], writes)
            : null;
    }

    private async Task<(FleetTakeover? Takeover, Dictionary<RedisServer, ServerCounters> Before)> FailOverAsync(
        SentinelTopology topology, RedisServer master, FleetProcess? fleet, CancellationToken cancellationToken)
    {
        if (fault == FleetFault.Outage)
            return (await BreakDownAsync(topology, master, fleet, cancellationToken), ServerCounters.BeforeStart(topology.Servers));
        using var observer = FleetObserver.OfReplicas(topology, master);
        if (fleet is not null)
            await fleet.WatchAsync(FleetKeys.OfReplicas);
        var before = await ServerCounters.ReadAsync(topology.Servers, cancellationToken);
        await (fault switch
        {
            FleetFault.Kill => master.KillAsync(),
            FleetFault.Hang => master.HangAsync(),
            _ => topology.FailoverAsync(cancellationToken),
        });
        return (await observer.WaitAsync(cancellationToken), before);
    }

    // Whatever is acknowledged after the end of all servers was written after their start.
    private static async Task<FleetTakeover?> BreakDownAsync(
        SentinelTopology topology, RedisServer master, FleetProcess? fleet, CancellationToken cancellationToken)
    {
        await Task.WhenAll(topology.Servers.Select(server => server.KillAsync()));
        await Task.Delay(OutageLength, cancellationToken);
        if (fleet is not null)
            await fleet.WatchAsync(0);
        using var observer = FleetObserver.OfStart(topology, master);
        await Task.WhenAll(topology.Servers.Select(server => server.RestartAsync(cancellationToken)));
        return await observer.WaitAsync(cancellationToken);
    }

    // The ROLE commands until the last client was back, and what was counted at the end.
    private static async Task<(double? Roles, Dictionary<RedisServer, ServerCounters> After)> WatchAsync(
        SentinelTopology topology, FleetTakeover takeover, FleetProcess? fleet, CancellationToken cancellationToken)
    {
        var end = Task.Delay(Left(takeover, Watched), cancellationToken);
        var areAllBack = fleet is null || await Task.WhenAny(fleet.AllBack, end) == fleet.AllBack;

        // Also where it says nothing: the question itself is counted, with clients and without.
        var roles = (await ServerCounters.ReadAsync(takeover.Node, cancellationToken)).Roles;
        await end;
        return (areAllBack ? roles : null, await ServerCounters.ReadAsync(topology.Servers, cancellationToken));
    }

    private static TimeSpan Left(FleetTakeover takeover, TimeSpan time)
    {
        var left = time - TimeSpan.FromMilliseconds((ClientHost.Now - takeover.WrittenAt) / NanosecondsInMillisecond);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private FleetRun Evaluate(
        SentinelTopology topology, string client, int clients, RedisServer master, FleetTakeover takeover, double? roles,
        Dictionary<RedisServer, ServerCounters> before, Dictionary<RedisServer, ServerCounters> after, IReadOnlyList<long> backs, FleetWrites? writes)
    {
        double Since(long instant) => Math.Round((instant - takeover.WrittenAt) / NanosecondsInMillisecond, 3);

        // Those that did not come back are behind all others.
        List<double> lags = [.. backs.Select(Since).Order(), .. Enumerable.Repeat(double.PositiveInfinity, clients - backs.Count)];
        double? At(double share)
        {
            var lag = lags.Count == 0 ? double.PositiveInfinity : lags[Math.Max(0, (int)Math.Ceiling(share * lags.Count) - 1)];
            return double.IsInfinity(lag) ? null : lag;
        }

        var loads = FleetLoads.Of(topology, takeover.Node, takeover.Node == master ? null : master, before, after);
        return new FleetRun(
            client, clients, isTls, fault, At(0.5), At(0.99), At(1), clients - backs.Count,
            takeover.PromotedAt is { } promoted ? -Since(promoted) : null,
            writes?.Acknowledged, writes?.Failed, writes is null ? null : Math.Round(writes.LongestCall / NanosecondsInMillisecond, 3),
            roles - before[takeover.Node].Roles,
            [.. loads.Select(load => load.Less(without.SingleOrDefault(other => other.Server == load.Server)))],
            writes?.Errors ?? ["the process did not report its writes"]);
    }
}
