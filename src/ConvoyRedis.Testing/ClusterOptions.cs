namespace ConvoyRedis.Testing;

/// <summary>The options of a <see cref="ClusterTopology"/>.</summary>
public sealed class ClusterOptions
{
    /// <summary>The number of masters, 3 by default, among which the slots are shared evenly.</summary>
    public int Masters { get; init; } = 3;

    /// <summary>The number of replicas of each master, 0 by default.</summary>
    public int Replicas { get; init; }

    /// <summary>The password on every node; null (the default) for none.</summary>
    public string? Password { get; init; }

    /// <summary>TLS, or null (the default) for none.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>
    /// The host name that every node announces and prefers in redirections, for example <c>localhost</c>; null (the default) for none: nodes
    /// are named by their addresses.
    /// </summary>
    public string? AnnouncedHostname { get; init; }

    /// <summary>Further lines for every redis.conf.</summary>
    public IReadOnlyList<string> NodeConfiguration { get; init; } = [];
}
