using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Tunnel;

namespace ConvoyRedis.Client.Connection;

/// <summary>A connection that follows the masters of a cluster.</summary>
/// <param name="Tunnel">Leads to the nodes.</param>
/// <param name="Followed">Called after each move of a shard to another master.</param>
/// <param name="NodesAdded">Called with the layout when it has new nodes.</param>
internal sealed record ClusterFollower(MasterTunnel Tunnel, Action<MasterChangedEventArgs> Followed, Action<ClusterLayout> NodesAdded);
