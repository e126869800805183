namespace ConvoyRedis.Testing;

/// <summary>What a <see cref="StandaloneRedis"/> is like.</summary>
public sealed class StandaloneOptions
{
    /// <summary>The password of the default user; null (the default) for none.</summary>
    public string? Password { get; init; }

    /// <summary>TLS, or null (the default) for none.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>Further lines for redis.conf, for example ACL users: <c>user app on &gt;secret ~* &amp;* +@all</c>.</summary>
    public IReadOnlyList<string> Configuration { get; init; } = [];
}
