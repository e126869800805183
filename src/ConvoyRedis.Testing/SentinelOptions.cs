namespace ConvoyRedis.Testing;

/// <summary>The options of a <see cref="SentinelTopology"/>. By default it is as Convoy's guide recommends, but with shorter times.</summary>
public sealed class SentinelOptions
{
    /// <summary>The number of data nodes, 3 by default; the first one begins as the master.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>The number of sentinels, 3 by default.</summary>
    public int Sentinels { get; init; } = 3;

    /// <summary>How many sentinels must agree that the master is down, 2 by default.</summary>
    public int Quorum { get; init; } = 2;

    /// <summary>The name under which the sentinels watch the master, <c>convoy-redis</c> by default.</summary>
    public string MasterName { get; init; } = "convoy-redis";

    /// <summary>The password on the data nodes; by default one as in the guide, null for none.</summary>
    public string? Password { get; init; } = "your_redis_password";

    /// <summary>The password on the sentinels; null (the default) for none.</summary>
    public string? SentinelPassword { get; init; }

    /// <summary>How long a node must be silent before a sentinel considers it down; 1 s by default, 10 s in the guide.</summary>
    public TimeSpan DownAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Sentinel's failover-timeout; 5 s by default, 30 s in the guide. After a failover that came to nothing, the sentinels start no other one for
    /// twice this time. That happens, for example, when the machine stood still for a moment and they considered every node down.
    /// </summary>
    public TimeSpan FailoverTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The address on which the servers listen, and which is announced: <c>127.0.0.1</c> (the default), <c>::1</c>, or <c>localhost</c>, with which
    /// sentinels announce host names.
    /// </summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TLS on nodes and sentinels, or null (the default) for none.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>Further lines for every redis.conf.</summary>
    public IReadOnlyList<string> NodeConfiguration { get; init; } = [];
}
