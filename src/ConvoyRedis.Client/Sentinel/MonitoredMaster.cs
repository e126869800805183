using ConvoyRedis.Client.Failover;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>What a sentinel says about its master (<c>SENTINEL MASTER</c>).</summary>
/// <param name="Epoch">The configuration epoch.</param>
/// <param name="Address">
/// The address that it monitors: until a failover has ended, the old master's, while GET-MASTER-ADDR-BY-NAME gives the new one's. Null when unusable.
/// </param>
/// <param name="Health">Whether it considers the monitored address down.</param>
/// <param name="Replicas">How many replicas it knows (<c>num-slaves</c>); null when it does not say.</param>
internal sealed record MonitoredMaster(long Epoch, ConvoyRedisEndpoint? Address, MasterHealth Health, int? Replicas);
