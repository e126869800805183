using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>What the servers of a deployment had to do in some time, by what they are to the clients.</summary>
internal static class FleetLoads
{
    /// <param name="topology">The deployment.</param>
    /// <param name="master">The master at the end.</param>
    /// <param name="former">The master at the beginning, if that is another one.</param>
    /// <param name="before">What was counted at the beginning.</param>
    /// <param name="after">What was counted at the end, of those that answer.</param>
    public static IReadOnlyList<FleetLoad> Of(
        SentinelTopology topology, RedisServer master, RedisServer? former, Dictionary<RedisServer, ServerCounters> before, Dictionary<RedisServer, ServerCounters> after)
    {
        FleetLoad Load(FleetServer kind, RedisServer server) => FleetLoad.Of(kind, before[server], after[server]);
        var loads = new List<FleetLoad> { Load(FleetServer.Master, master) };
        if (former is not null && after.ContainsKey(former))
            loads.Add(Load(FleetServer.FormerMaster, former));
        if (Most(topology.Nodes.Where(node => node != master && node != former), FleetServer.Replica) is { } replica)
            loads.Add(replica);
        if (Most(topology.Sentinels, FleetServer.Sentinel) is { } sentinel)
            loads.Add(sentinel);
        List<FleetLoad> all = [.. after.Keys.Select(server => Load(FleetServer.All, server))];
        loads.Add(new FleetLoad(
            FleetServer.All, all.Sum(load => load.Connected), all.Sum(load => load.Received), all.Sum(load => load.Commands), all.Sum(load => load.Roles),
            Math.Round(all.Sum(load => load.CpuMilliseconds), 3)));
        return loads;

        FleetLoad? Most(IEnumerable<RedisServer> servers, FleetServer kind) =>
            servers.Where(after.ContainsKey).Select(server => Load(kind, server)).MaxBy(load => load.Commands);
    }
}
