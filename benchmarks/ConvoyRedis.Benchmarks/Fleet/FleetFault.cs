using System.Text.Json.Serialization;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>What happens to a deployment with many clients.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FleetFault>))]
internal enum FleetFault
{
    /// <summary>The master is killed.</summary>
    Kill,

    /// <summary>A planned failover.</summary>
    Planned,

    /// <summary>The master hangs.</summary>
    Hang,

    /// <summary>All nodes and sentinels are killed, and started again some seconds later.</summary>
    Outage,
}
