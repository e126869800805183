namespace ConvoyRedis.Client.Diagnostics;

/// <summary>The remedies of Convoy's guide to Redis ("Monitoring" and "Troubleshooting").</summary>
internal static class Remedies
{
    public const string OutOfMemory =
        "Check the queue depths and the workers' logs; if the data is really needed, raise maxmemory and add RAM to each node.";

    public const string Clients = "Look for connection leaks if the number grows.";

    public const string Operations = "Compare it with the usual value; a spike can be a sign of trouble.";

    public const string RejectedConnections = "Raise maxclients.";

    public const string TooManyClients = "Raise maxclients there, and look for connection leaks (CLIENT LIST): it accepts no further client.";

    public const string Persistence = "Check disk space and the Redis log.";

    public const string ReplicaDown =
        "Check the network between the nodes and the primary's disk I/O; raise repl-backlog-size (256mb) if replicas reconnect often.";

    public const string Quorum =
        "Check that all sentinels reach each other on their port: without a quorum there is no automatic failover.";

    public const string Sentinel = "Check that it runs and is reachable from here; if one more sentinel is lost, automatic failover may stop.";

    public const string UnusableMaster =
        "Check 'sentinel monitor' in its sentinel.conf; with 'sentinel resolve-hostnames yes', its machine must be able to resolve the master's host name.";

    public const string SentinelsDisagree =
        "Check that every address under host is a sentinel of this deployment, and that the sentinels reach each other. Remove from host any sentinel "
        + "of another deployment that monitors the same master_name.";

    public const string OtherSentinel =
        "It has no say until they agree. One that was set up again becomes known to the others within seconds; otherwise the address belongs to another deployment "
        + "now: correct host, and let each sentinel forget the former one (SENTINEL RESET).";

    public const string SentinelsForgot =
        "Sentinels that restart without the sentinel.conf that they wrote (for example in pods without a volume) name the first master again: keep that file, and on each "
        + "sentinel run SENTINEL REMOVE and SENTINEL MONITOR with the present master.";

    public const string SlotsWithoutMaster =
        "Run redis-cli --cluster check against a node: keys of these slots cannot be read or written, and by default (cluster-require-full-coverage yes) no key at all.";

    public const string ShardDown = "Start its nodes again, or run CLUSTER FAILOVER TAKEOVER on a replica: keys of its slots cannot be read or written.";

    public const string ShardWithoutReplica = "Add a replica, or start the one that is down: without one, the shard is lost with its master.";

    public const string ClusterBus = "Check that the nodes reach each other on their cluster bus port (cluster-port; usually the port + 10000).";

    public const string Loading = "Wait: Redis is loading its data after a restart, which takes longer the more data there is.";

    public const string ReadOnly =
        "This is a replica. For high availability, use the scheme redis-sentinel, and set master_name to the name after 'sentinel monitor'.";

    public const string SentinelStart =
        "With the scheme redis-sentinel, set host to the sentinels, not to the Redis nodes; port to the sentinels' port, usually 26379; master_name to the "
        + "name after 'sentinel monitor'; password to that of the Redis nodes; sentinel_password only if the sentinels require a password.";

    /// <summary>The remedy for an error reply; null if the guide has none.</summary>
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
