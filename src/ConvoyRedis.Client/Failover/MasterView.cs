namespace ConvoyRedis.Client.Failover;

/// <summary>What the <see cref="MasterTracker"/> believes at one moment.</summary>
/// <param name="Phase">What is going on.</param>
/// <param name="Master">The node that is the master, or was until it was given up; null before the first is found.</param>
/// <param name="Epoch">The highest configuration epoch that was committed; a tentative master does not count yet.</param>
/// <param name="Previous">The master to go back to while <see cref="Master"/> is tentative; else null.</param>
internal sealed record MasterView(ConvoyRedisPhase Phase, ConvoyRedisEndpoint? Master, long Epoch, ConvoyRedisEndpoint? Previous)
{
    public static MasterView Initial { get; } = new(ConvoyRedisPhase.Locating, null, -1, null);

    /// <summary>Whether the move to the master is not yet confirmed by a sentinel with a higher epoch.</summary>
    public bool IsTentative => Previous is not null;
}
