namespace ConvoyRedis.Client.Failover;

/// <summary>What is wrong with what the sentinels name.</summary>
/// <param name="Master">The master that is followed.</param>
/// <param name="Dissent">The sentinels that have named another master for longer than a failover explains.</param>
/// <param name="Refuted">The nodes that they name as the master, and that say themselves that they are replicas.</param>
internal sealed record SentinelFindings(ConvoyRedisEndpoint? Master, IReadOnlyList<SentinelDissent> Dissent, IReadOnlyList<NamedMaster> Refuted);
