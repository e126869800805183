namespace ConvoyRedis.Testing;

/// <summary>The options of a <see cref="StandaloneRedis"/>.</summary>
public sealed class StandaloneOptions
{
    /// <summary>The password of the default user; null (the default) for none.</summary>
    public string? Password { get; init; }

    /// <summary>TLS, or null (the default) for none.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>An existing directory for the data, which stays after disposal; null (the default) for one that is removed.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>
    /// A topology whose servers must reach this one, and the other way round, in a container too. Dispose it after this one. Null (the default) for
    /// none.
    /// </summary>
    public RedisTopology? Beside { get; init; }

    /// <summary>Further lines for redis.conf, for example ACL users: <c>user app on &gt;secret ~* &amp;* +@all</c>.</summary>
    public IReadOnlyList<string> Configuration { get; init; } = [];
}
