namespace ConvoyRedis.Tool.Check;

/// <summary>What a row is about.</summary>
internal enum SubjectKind
{
    /// <summary>The deployment as a whole.</summary>
    Deployment,

    /// <summary>A sentinel.</summary>
    Sentinel,

    /// <summary>A shard of a cluster: the slots that a master owns.</summary>
    Shard,

    /// <summary>A data node.</summary>
    Node,

    /// <summary>A queue of Convoy's (Asynq).</summary>
    Queue,
}
