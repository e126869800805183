using ConvoyRedis.Client;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Tool.Drill;

/// <summary>A drill needs ROLE: nothing else shows when a replica was promoted.</summary>
internal static class VisibleRole
{
    /// <summary>What a node answered to ROLE when it was dialled.</summary>
    /// <exception cref="ConvoyRedisConnectionException">It refused to.</exception>
    public static RespReply Of(NodeTransport node, NodeDialer dialer) => node.Role is { IsError: true, Text: { } error }
        ? throw new ConvoyRedisConnectionException(ConvoyRedisFault.Permission, $"A drill needs ROLE. {dialer.Refused(node.Node, error).Message}")
        : node.Role;
}
