namespace ConvoyRedis.Client.Diagnostics;

/// <summary>What Convoy's guide to Redis tells an operator to do ("Monitoring" and "Troubleshooting").</summary>
internal static class Remedies
{
    public const string OutOfMemory =
        "Look at the queue depths and the workers' logs; if the need is real, raise maxmemory and add RAM to each node.";

    public const string Clients = "Look for connection leaks if the number grows.";

    public const string Operations = "Know the usual value: spikes may signal trouble.";

    public const string RejectedConnections = "Raise maxclients.";

    public const string Persistence = "Check disk space and the Redis log.";

    public const string ReplicaDown =
        "Check the network between the nodes and the primary's disk I/O; raise repl-backlog-size (256mb) if replicas reconnect often.";

    public const string Quorum =
        "Check that all sentinels reach each other on their port: without a quorum there is no automatic failover.";

    public const string Sentinel = "Check that it runs and is reachable from here; with fewer of them one more loss ends automatic failover.";

    public const string UnusableMaster =
        "Check 'sentinel monitor' in its sentinel.conf; with 'sentinel resolve-hostnames yes', its machine must be able to resolve the master's host name.";

    public const string SentinelsDisagree =
        "Check that every address under host is a sentinel of this deployment, and that the sentinels reach each other. Remove from host any sentinel "
        + "of another deployment that monitors the same master_name.";

    public const string Loading = "Redis reads its data after a restart, for a time that grows with their size: wait.";

    public const string ReadOnly =
        "This is a replica. Under high availability use the redis-sentinel scheme, with the master_name of 'sentinel monitor'.";

    public const string SentinelStart =
        "Under the redis-sentinel scheme host lists the sentinels, not the Redis nodes; port is theirs, usually 26379; master_name is the name after "
        + "'sentinel monitor'; password is that of the Redis nodes; sentinels that demand one of their own get sentinel_password.";

    /// <summary>The cure for an error reply; null where the guide has none.</summary>
    public static string? ForError(string error) => error.Split(' ', 2)[0] switch
    {
        "OOM" => OutOfMemory,
        "MISCONF" => Persistence,
        "NOREPLICAS" => ReplicaDown,
        "LOADING" => Loading,
        "READONLY" => ReadOnly,
        _ => null,
    };
}
