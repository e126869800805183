using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Nodes;

/// <summary>Reads what a node answered to ROLE.</summary>
internal static class RoleReply
{
    /// <summary>The master of a replica; null if the node is none, or names nothing that can be used.</summary>
    public static ConvoyRedisEndpoint? MasterIn(RespReply role) => role[0] == "slave" ? AnnouncedEndpoint.Read(role[1], role[2]) : null;

    /// <summary>The replicas that are connected to a master, as far as their addresses can be used; none if the node is no master.</summary>
    public static IReadOnlyList<ConvoyRedisEndpoint> ReplicasIn(RespReply role) => role[0] != "master" || role.Items.Count < 3
        ? [] : [.. role.Items[2].Items.Select(replica => AnnouncedEndpoint.Read(replica[0], replica[1])).OfType<ConvoyRedisEndpoint>()];
}
