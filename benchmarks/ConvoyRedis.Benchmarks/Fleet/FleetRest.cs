namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>What clients cost that are connected and do nothing, less what the servers do without them.</summary>
/// <param name="Client">The clients' id.</param>
/// <param name="Clients">How many there are.</param>
/// <param name="IsTls">Whether they use TLS.</param>
/// <param name="Seconds">How long it was counted.</param>
/// <param name="Loads">What the servers had to do for them in that time.</param>
/// <param name="ClientCpuMilliseconds">The processor time that they used themselves, all together.</param>
internal sealed record FleetRest(string Client, int Clients, bool IsTls, double Seconds, IReadOnlyList<FleetLoad> Loads, double ClientCpuMilliseconds);
