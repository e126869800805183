namespace ConvoyRedis.Client.Failover;

/// <summary>A node that sentinels, or the former master, name as the master.</summary>
/// <param name="Node">The node.</param>
/// <param name="Epoch">The configuration epoch at which it is named.</param>
/// <param name="Cause">Why that is believed.</param>
/// <param name="IsMaster">What the node said of itself; null until it answered.</param>
internal sealed record NamedMaster(ConvoyRedisEndpoint Node, long Epoch, MasterChangeCause Cause, bool? IsMaster = null);
