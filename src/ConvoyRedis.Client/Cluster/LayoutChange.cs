namespace ConvoyRedis.Client.Cluster;

/// <summary>What a new layout of a cluster changes.</summary>
/// <param name="Successions">The masters that took over from another.</param>
/// <param name="HasNewNodes">Whether it lists a node, or an address, that was not listed before.</param>
internal sealed record LayoutChange(IReadOnlyList<(ClusterMember Former, ClusterMember Successor)> Successions, bool HasNewNodes)
{
    public static readonly LayoutChange None = new([], false);
}
