namespace ConvoyRedis.Testing;

/// <summary>What a <see cref="StandaloneRedis"/> is like.</summary>
public sealed class StandaloneOptions
{
    /// <summary>The password of the default user; null (the default) for none.</summary>
    public string? Password { get; init; }

    /// <summary>TLS, or null (the default) for none.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>An existing directory to keep the data in, which stays as the server leaves it; null (the default) for one that goes with it.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>
    /// A topology to run beside, so that the servers of both reach each other in a container too; to be disposed later than this one. Null (the
    /// default) for none.
    /// </summary>
    public RedisTopology? Beside { get; init; }

    /// <summary>Further lines for redis.conf, for example ACL users: <c>user app on &gt;secret ~* &amp;* +@all</c>.</summary>
    public IReadOnlyList<string> Configuration { get; init; } = [];
}
