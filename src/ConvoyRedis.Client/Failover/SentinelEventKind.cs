namespace ConvoyRedis.Client.Failover;

/// <summary>The events of a failover, as far as a client acts on them.</summary>
internal enum SentinelEventKind
{
    /// <summary><c>+odown</c>: a quorum agrees that the master is down.</summary>
    ObjectivelyDown,

    /// <summary><c>-odown</c>: the master is no longer considered down.</summary>
    ObjectivelyUp,

    /// <summary><c>+try-failover</c>: a failover begins; its leader is not elected yet.</summary>
    FailoverTried,

    /// <summary><c>+selected-slave</c>: the leader names its candidate.</summary>
    CandidateSelected,

    /// <summary>
    /// <c>+failover-state-send-slaveof-noone</c> or <c>+failover-state-wait-promotion</c>: the promotion is decided, or has been sent.
    /// </summary>
    PromotionOrdered,

    /// <summary><c>+promoted-slave</c>, <c>+switch-master</c>, <c>+config-update-from</c>: there is a new master.</summary>
    MasterSwitched,

    /// <summary><c>-failover-abort-…</c>: the failover is given up.</summary>
    FailoverAborted,

    /// <summary><c>+monitor</c>, <c>-monitor</c>: the sentinel was configured again; its epochs may restart at 0.</summary>
    MonitorChanged,
}
