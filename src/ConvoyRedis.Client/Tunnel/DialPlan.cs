using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>How nodes are dialled, and how long streams may be held.</summary>
/// <param name="Masters">Connects to the node that a logical endpoint points to, and checks its role.</param>
/// <param name="Nodes">Dials any other endpoint.</param>
/// <param name="HoldDeadline">How long a stream may be held.</param>
internal sealed record DialPlan(MasterDialer Masters, NodeDialer Nodes, TimeSpan HoldDeadline);
