namespace ConvoyRedis.Client.Cluster;

/// <summary>What a new layout of a cluster changes.</summary>
/// <param name="Successions">The masters that took over from another.</param>
/// <param name="HasNewNodes">Whether nodes are new, or were a moment ago, so that not all nodes list them yet.</param>
internal sealed record LayoutChange(IReadOnlyList<(ClusterMember Former, ClusterMember Successor)> Successions, bool HasNewNodes)
{
    public static readonly LayoutChange None = new([], false);
}
