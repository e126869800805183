using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>What a client is told: the sentinels, the master's name and its password.</summary>
/// <param name="Sentinels">As <c>host:port</c>, in the order in which a client may try them.</param>
/// <param name="Master">The name under which the sentinels watch the master.</param>
/// <param name="Password">The password on the data nodes.</param>
internal sealed record Deployment(IReadOnlyList<string> Sentinels, string Master, string Password)
{
    public static Deployment Of(SentinelTopology topology) =>
        new([.. topology.Sentinels.Select(sentinel => sentinel.Address)], topology.Options.MasterName, topology.Options.Password!);
}
