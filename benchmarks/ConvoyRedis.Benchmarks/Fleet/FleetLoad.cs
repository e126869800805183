namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>What one server had to do for the clients in some time.</summary>
/// <param name="Server">The server.</param>
/// <param name="Connected">The connections at the end.</param>
/// <param name="Received">The connections that were opened.</param>
/// <param name="Commands">The commands, but for the clients' writes.</param>
/// <param name="Roles">The ROLE commands among them.</param>
/// <param name="CpuMilliseconds">The processor time.</param>
internal sealed record FleetLoad(FleetServer Server, double Connected, double Received, double Commands, double Roles, double CpuMilliseconds)
{
    /// <summary>From two readings of the server.</summary>
    public static FleetLoad Of(FleetServer server, ServerCounters before, ServerCounters after) => new(
        server, after.Connected, after.Received - before.Received, after.Commands - before.Commands, after.Roles - before.Roles,
        Math.Round(after.CpuMilliseconds - before.CpuMilliseconds, 3));

    /// <summary>Less what the server does without clients; null for a server that is not there then.</summary>
    public FleetLoad Less(FleetLoad? without) => without is null ? this : new FleetLoad(
        Server, Connected - without.Connected, Received - without.Received, Commands - without.Commands, Roles - without.Roles,
        Math.Round(CpuMilliseconds - without.CpuMilliseconds, 3));
}
