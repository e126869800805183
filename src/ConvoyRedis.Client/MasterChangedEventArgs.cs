using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>Data of <see cref="IConvoyRedisConnection.MasterChanged"/>: the connection moved to another node.</summary>
public sealed class MasterChangedEventArgs : EventArgs
{
    internal MasterChangedEventArgs(
        ConvoyRedisEndpoint? previous,
        ConvoyRedisEndpoint current,
        MasterChangeCause cause,
        long epoch,
        bool isTentative,
        long? possiblyLostBytes,
        IReadOnlyList<FailoverStep> timeline,
        IReadOnlyList<SlotRange>? slots = null)
    {
        Previous = previous;
        Current = current;
        Cause = cause;
        Epoch = epoch;
        IsTentative = isTentative;
        PossiblyLostBytes = possiblyLostBytes;
        Timeline = timeline;
        Slots = slots ?? [];
    }

    /// <summary>The previous master; null for the first one.</summary>
    public ConvoyRedisEndpoint? Previous { get; }

    /// <summary>The new master, at the address that the sentinels, or the cluster's nodes, announce.</summary>
    public ConvoyRedisEndpoint Current { get; }

    /// <summary>Why the connection moved.</summary>
    public MasterChangeCause Cause { get; }

    /// <summary>The highest configuration epoch that the sentinels have announced; in a cluster, the new master's.</summary>
    public long Epoch { get; }

    /// <summary>
    /// Whether no sentinel has announced this master yet: the node itself reported its promotion, about 0.9 s before the sentinels do. If the
    /// sentinels abort the failover, a tentative move is reverted.
    /// </summary>
    public bool IsTentative { get; }

    /// <summary>
    /// How many bytes of acknowledged writes may be lost: what the previous master has in its history and the new one lacks. 0 after a lossless
    /// handover; null if unknown, for example after a crash. If it is not 0, the calls fail that the previous master had not answered when commands
    /// were held.
    /// </summary>
    public long? PossiblyLostBytes { get; }

    /// <summary>
    /// The steps of the move, oldest first: events and answers of the sentinels and the candidate, and actions of the connection. Empty for a move that
    /// the nodes of a cluster made by themselves.
    /// </summary>
    public IReadOnlyList<FailoverStep> Timeline { get; }

    /// <summary>In a cluster, the hash slots of the shard whose master changed. Empty without a cluster.</summary>
    public IReadOnlyList<SlotRange> Slots { get; }
}
