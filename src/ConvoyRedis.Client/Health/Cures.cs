namespace ConvoyRedis.Client.Health;

/// <summary>What Convoy's guide to Redis tells an operator to do ("Monitoring" and "Troubleshooting").</summary>
internal static class Cures
{
    public const string OutOfMemory =
        "Look at the queue depths and the workers' logs; if the need is real, raise maxmemory and add RAM to each node.";

    public const string Persistence = "Check disk space and the Redis log.";

    public const string ReplicaDown =
        "Check the network between the nodes and the primary's disk I/O; raise repl-backlog-size (256mb) if replicas reconnect often.";

    public const string Quorum =
        "Check that all sentinels reach each other on their port: without a quorum there is no automatic failover.";

    public const string Sentinel = "Check that it runs and is reachable from here; with fewer of them one more loss ends automatic failover.";

    /// <summary>The cure for an error reply; null where the guide has none.</summary>
    public static string? ForError(string error) => error.Split(' ', 2)[0] switch
    {
        "OOM" => OutOfMemory,
        "MISCONF" => Persistence,
        "NOREPLICAS" => ReplicaDown,
        "LOADING" => "Redis reads its data after a restart, for a time that grows with their size: wait.",
        "READONLY" => "This is a replica. Under high availability use the redis-sentinel scheme, with the master_name of 'sentinel monitor'.",
        _ => null,
    };
}
