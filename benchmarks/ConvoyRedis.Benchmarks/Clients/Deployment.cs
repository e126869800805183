using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>What a client is told.</summary>
/// <param name="Kind">What it connects to.</param>
/// <param name="Addresses">As <c>host:port</c>, in the order in which a client may try them: the sentinels, the nodes of the cluster, or the endpoint.</param>
/// <param name="Master">The name under which the sentinels watch the master.</param>
/// <param name="Password">The password on the data nodes.</param>
/// <param name="KeyPrefix">What the client's keys begin with; on a cluster, the hash tag of a slot.</param>
/// <param name="AuthorityFile">The certificate of the authority to trust; null without TLS.</param>
internal sealed record Deployment(
    DeploymentKind Kind, IReadOnlyList<string> Addresses, string? Master = null, string? Password = null, string KeyPrefix = "", string? AuthorityFile = null)
{
    public static Deployment Of(SentinelTopology topology) => new(
        DeploymentKind.Sentinel, [.. topology.Sentinels.Select(sentinel => sentinel.Address)], topology.Options.MasterName, topology.Options.Password,
        AuthorityFile: topology.Certificates?.AuthorityFile);

    public static Deployment Of(ClusterTopology cluster, string keyPrefix = "") =>
        new(DeploymentKind.Cluster, [.. cluster.Nodes.Select(node => node.Address)], KeyPrefix: keyPrefix);

    public static Deployment Of(string host, int port) => new(DeploymentKind.Endpoint, [$"{host}:{port}"]);
}
