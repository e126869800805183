namespace ConvoyRedis.Tool.Drill;

/// <summary>What a drill does to the master.</summary>
internal enum DrillFault
{
    /// <summary>A planned failover: <c>SENTINEL FAILOVER</c>, or <c>CLUSTER FAILOVER</c> at a replica.</summary>
    Planned,

    /// <summary>The process is killed (<c>kill -9</c>).</summary>
    Kill,

    /// <summary>The process hangs (SIGSTOP): connections stay open and nothing is answered.</summary>
    Hang,

    /// <summary>Of a fixed endpoint: its replica takes over (<c>FAILOVER</c>), and the name leads there; the old node lives on as a replica.</summary>
    Moves,

    /// <summary>Of a fixed endpoint: the node falls silent, and some time later the name leads to its replica, which has become the master.</summary>
    Silent,
}
