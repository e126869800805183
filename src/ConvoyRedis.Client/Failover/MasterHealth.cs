namespace ConvoyRedis.Client.Failover;

/// <summary>Whether a sentinel considers the master down.</summary>
internal enum MasterHealth
{
    /// <summary>It does not.</summary>
    Up,

    /// <summary>It does, on its own (<c>s_down</c>).</summary>
    SubjectivelyDown,

    /// <summary>It does, and a quorum agrees (<c>o_down</c>).</summary>
    ObjectivelyDown,
}
