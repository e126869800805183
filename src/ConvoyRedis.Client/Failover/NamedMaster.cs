namespace ConvoyRedis.Client.Failover;

/// <summary>A node that sentinels name as the master.</summary>
/// <param name="Node">The node.</param>
/// <param name="Epoch">The configuration epoch at which they name it.</param>
/// <param name="Cause">Why they are believed.</param>
/// <param name="IsMaster">What the node said of itself; null until it answered.</param>
internal sealed record NamedMaster(ConvoyRedisEndpoint Node, long Epoch, MasterChangeCause Cause, bool? IsMaster = null);
