using System.Text.Json.Serialization;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>A server by what it is to the clients.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FleetServer>))]
internal enum FleetServer
{
    /// <summary>The master; after a failover, the new one.</summary>
    Master,

    /// <summary>The former master, after a failover that it survives.</summary>
    FormerMaster,

    /// <summary>The replica that is asked most.</summary>
    Replica,

    /// <summary>The sentinel that is asked most.</summary>
    Sentinel,

    /// <summary>All servers together.</summary>
    All,
}
