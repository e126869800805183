namespace ConvoyRedis.Testing;

/// <summary>A fault that a test can cause at a server, usually at a master.</summary>
public enum MasterFault
{
    /// <summary>A planned failover: <c>SENTINEL FAILOVER</c>.</summary>
    Planned,

    /// <summary>The process is killed (<c>kill -9</c>).</summary>
    Kill,

    /// <summary>The process hangs (SIGSTOP): connections stay open and nothing is answered.</summary>
    Hang,
}
