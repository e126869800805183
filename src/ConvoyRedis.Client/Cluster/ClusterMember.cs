using StackExchange.Redis;

namespace ConvoyRedis.Client.Cluster;

/// <summary>A node of a cluster, in the answer of one node to CLUSTER NODES.</summary>
/// <param name="Id">The node's id, which outlives its address.</param>
/// <param name="Endpoint">The address that it announces.</param>
/// <param name="HostName">The host name that it announces with the same port; null if there is none.</param>
/// <param name="IsMyself">Whether it is the node that answered.</param>
/// <param name="IsFailing">Whether it is marked <c>fail</c>, or <c>fail?</c> by the node that answered.</param>
/// <param name="IsLinked">Whether the node that answered is connected to it.</param>
/// <param name="MasterId">The id of its master; null for a master.</param>
/// <param name="ConfigEpoch">Which of two masters owns a slot: the one with the higher epoch.</param>
/// <param name="Slots">The slots that it owns.</param>
internal sealed record ClusterMember(
    string Id,
    ConvoyRedisEndpoint Endpoint,
    ConvoyRedisEndpoint? HostName,
    bool IsMyself,
    bool IsFailing,
    bool IsLinked,
    string? MasterId,
    long ConfigEpoch,
    IReadOnlyList<SlotRange> Slots)
{
    /// <summary>Whether it is a replica.</summary>
    public bool IsReplica => MasterId is not null;

    /// <summary>Its slots, as Redis writes them.</summary>
    public string SlotText => string.Join(' ', Slots);

    /// <summary>Whether clients may know it by this address.</summary>
    public bool IsAt(ConvoyRedisEndpoint address) => address == Endpoint || address == HostName;

    /// <summary>
    /// Whether this node has taken over slots of a former master: an answer to ROLE alone does not tell a promotion from a reset, and only the higher epoch
    /// is believed by the other nodes (cluster.c: clusterUpdateSlotsConfigWith).
    /// </summary>
    public bool Succeeds(ClusterMember former) =>
        !IsReplica && Id != former.Id && ConfigEpoch > former.ConfigEpoch && Slots.Any(slots => former.Slots.Any(owned => slots.From <= owned.To && owned.From <= slots.To));
}
