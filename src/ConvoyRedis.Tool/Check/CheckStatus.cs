namespace ConvoyRedis.Tool.Check;

/// <summary>How good or bad a row is; from the best to the worst.</summary>
internal enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>The user may not see it here, as on managed services; not judged.</summary>
    NotVisible,

    /// <summary>Out of its healthy range, or set up otherwise than the guide recommends.</summary>
    Warning,

    /// <summary>One of the guide's alerts, or callers cannot write.</summary>
    Failure,
}
