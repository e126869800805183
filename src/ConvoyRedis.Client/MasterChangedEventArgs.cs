namespace ConvoyRedis.Client;

/// <summary>The connection leads to another node.</summary>
public sealed class MasterChangedEventArgs : EventArgs
{
    internal MasterChangedEventArgs(
        ConvoyRedisEndpoint? previous,
        ConvoyRedisEndpoint current,
        MasterChangeCause cause,
        long epoch,
        bool isTentative,
        long? possiblyLostBytes,
        IReadOnlyList<FailoverStep> timeline)
    {
        Previous = previous;
        Current = current;
        Cause = cause;
        Epoch = epoch;
        IsTentative = isTentative;
        PossiblyLostBytes = possiblyLostBytes;
        Timeline = timeline;
    }

    /// <summary>The master before; null for the first one.</summary>
    public ConvoyRedisEndpoint? Previous { get; }

    /// <summary>The master now, as the sentinels announce it.</summary>
    public ConvoyRedisEndpoint Current { get; }

    /// <summary>Why the connection moved.</summary>
    public MasterChangeCause Cause { get; }

    /// <summary>The highest configuration epoch that the sentinels have announced.</summary>
    public long Epoch { get; }

    /// <summary>
    /// Whether no sentinel has announced this master yet: it says itself that it was promoted, about 0.9 s before they do.
    /// A tentative move is taken back if they give the failover up.
    /// </summary>
    public bool IsTentative { get; }

    /// <summary>
    /// How many bytes that the previous master acknowledged the new one does not have (replication lag): 0 after a lossless handover; null
    /// when it is not known, as after a cut.
    /// </summary>
    public long? PossiblyLostBytes { get; }

    /// <summary>What led to the move, the oldest step first: what the sentinels and the candidate said, and what the connection did.</summary>
    public IReadOnlyList<FailoverStep> Timeline { get; }
}
