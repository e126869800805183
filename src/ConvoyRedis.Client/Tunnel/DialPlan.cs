using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>How nodes are dialled, and how long streams may be held.</summary>
/// <param name="Masters">Dials the node that a logical endpoint leads to, and checks its role.</param>
/// <param name="Nodes">Dials any other endpoint.</param>
/// <param name="HoldDeadline">How long a stream may be held.</param>
internal sealed record DialPlan(MasterDialer Masters, NodeDialer Nodes, TimeSpan HoldDeadline);
