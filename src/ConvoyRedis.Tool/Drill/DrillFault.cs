namespace ConvoyRedis.Tool.Drill;

/// <summary>What is done to the master.</summary>
internal enum DrillFault
{
    /// <summary><c>SENTINEL FAILOVER</c>.</summary>
    Planned,

    /// <summary><c>kill -9</c>.</summary>
    Kill,

    /// <summary>SIGSTOP: connections stay open and nothing is answered.</summary>
    Hang,
}
