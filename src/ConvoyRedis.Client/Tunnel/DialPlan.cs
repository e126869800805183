using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>How nodes are dialled, and how long streams may be held.</summary>
/// <param name="Masters">Connects to the node that a logical endpoint points to, and checks its role.</param>
/// <param name="Nodes">Dials any other endpoint.</param>
/// <param name="HoldDeadline">How long a stream may be held.</param>
internal sealed record DialPlan(MasterDialer Masters, NodeDialer Nodes, TimeSpan HoldDeadline)
{
    /// <summary>Called when a master refuses writes (READONLY); null where nobody names another one.</summary>
    public Action? WritesRefused { get; private init; }

    /// <param name="target">The deployment.</param>
    /// <param name="dialers">Dial its nodes.</param>
    /// <param name="suspect">Asks the master whether it still is one.</param>
    /// <param name="context">The log.</param>
    public static DialPlan For(ConvoyRedisTarget target, DeploymentDialers dialers, Action suspect, ConnectionContext context) => new(
        new MasterDialer(dialers.Nodes, replicaAccepted: target.Topology == ConvoyRedisTopology.Standalone, context), dialers.Nodes, target.HoldDeadline)
    {
        WritesRefused = target.Topology == ConvoyRedisTopology.Sentinel ? suspect : null,
    };
}
