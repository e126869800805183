using System.Text.Json.Serialization;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>What a client is connected to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeploymentKind>))]
internal enum DeploymentKind
{
    /// <summary>A master and its replicas, by way of their sentinels.</summary>
    Sentinel,

    /// <summary>A cluster, by way of its nodes.</summary>
    Cluster,

    /// <summary>One address, which leads to the master.</summary>
    Endpoint,
}
