using System.Diagnostics;

namespace ConvoyRedis.Client;

/// <summary>What the settings mean: made by <c>ConvoyRedisOptions.Resolve()</c>, checked as a whole, and immutable.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class ConvoyRedisTarget
{
    private bool _isCluster;

    internal ConvoyRedisTarget()
    {
    }

    /// <summary>How the addresses hang together; of a connection that stands, what the one address has turned out to be.</summary>
    public required ConvoyRedisTopology Topology { get => _isCluster ? ConvoyRedisTopology.Cluster : field; init; }

    /// <summary>The configured addresses: sentinels, cluster nodes, or the one server.</summary>
    public required IReadOnlyList<ConvoyRedisEndpoint> Endpoints { get; init; }

    /// <summary>Whether data nodes are spoken to over TLS.</summary>
    public required bool Tls { get; init; }

    /// <summary>Whether sentinels are spoken to over TLS.</summary>
    public bool SentinelTls { get; init; }

    /// <summary>The database that commands use, 0 by default; always 0 on a cluster.</summary>
    public int Database { get; internal set; }

    /// <summary>The ACL user on the data nodes; null is Redis's default user.</summary>
    public string? Username { get; internal set; }

    /// <summary>The password on the data nodes; null when none is used.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? Password { get; internal set; }

    /// <summary>The name after <c>sentinel monitor</c>; null unless <see cref="Topology"/> is <see cref="ConvoyRedisTopology.Sentinel"/>.</summary>
    public string? MasterName { get; init; }

    /// <summary>The ACL user on the sentinels; null is Redis's default user.</summary>
    public string? SentinelUsername { get; init; }

    /// <summary>The password on the sentinels; never the data password.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? SentinelPassword { get; init; }

    /// <summary>Whether certificates are accepted without verification.</summary>
    public bool TlsSkipVerify { get; init; }

    /// <summary>The name that certificates must carry, in place of the host that is dialled; null to use that host.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The PEM file with the client certificate, or null.</summary>
    public string? TlsCertFile { get; init; }

    /// <summary>The PEM file with the client certificate's key, or null.</summary>
    public string? TlsKeyFile { get; init; }

    /// <summary>The PEM file with the certificate authorities to trust in place of the system's, or null.</summary>
    public string? TlsCaCertFile { get; init; }

    /// <summary>When the connection moves to a promoted replica.</summary>
    public FailoverMode FailoverMode { get; init; }

    /// <summary>How long a command, or the first connection, waits for a master.</summary>
    public TimeSpan CommandTimeout { get; internal set; }

    /// <summary>How long traffic may be held during a planned failover.</summary>
    public TimeSpan HoldDeadline { get; internal set; }

    /// <summary>How long dialling one node may take, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; init; }

    /// <summary>Announced addresses and the addresses at which they are reachable from here.</summary>
    public IReadOnlyDictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint> AddressMap { get; init; } =
        new Dictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint>();

    /// <summary>The name that connections carry in CLIENT LIST.</summary>
    public string? ClientName { get; internal set; }

    /// <summary>What deserves a look although it is no error, for example an unknown variable; written to the log when connecting.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Under which name, and where, each setting was written that was given at all; the keys are those of convoy.json.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; init; } = new Dictionary<string, string>();

    /// <summary>The same with another login on the data nodes.</summary>
    internal ConvoyRedisTarget WithLogin(string? username, string? password)
    {
        var other = (ConvoyRedisTarget)MemberwiseClone();
        (other.Username, other.Password) = (username, password);
        return other;
    }

    /// <summary>The same with what a multiplexer is told once, when it is made, as in another target.</summary>
    internal ConvoyRedisTarget WithMultiplexerOf(ConvoyRedisTarget running)
    {
        var other = (ConvoyRedisTarget)MemberwiseClone();
        (other.Database, other.ClientName) = (running.Database, running.ClientName);

        // How long traffic may be held was checked against the timeout that comes with it.
        if (CommandTimeout != running.CommandTimeout)
            (other.CommandTimeout, other.HoldDeadline) = (running.CommandTimeout, running.HoldDeadline);
        return other;
    }

    /// <summary>The same as a cluster: so it is when the one address leads to a node of one.</summary>
    internal ConvoyRedisTarget AsCluster()
    {
        var other = (ConvoyRedisTarget)MemberwiseClone();
        other._isCluster = true;
        return other;
    }

    /// <summary>The topology and its addresses; never a secret.</summary>
    public override string ToString() =>
        $"{Topology}{(Tls ? " over TLS" : "")} {string.Join(',', Endpoints)}{(MasterName is null ? "" : $" master {MasterName}")}";
}
