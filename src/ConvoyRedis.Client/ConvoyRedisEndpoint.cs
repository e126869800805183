namespace ConvoyRedis.Client;

/// <summary>A host name or IP address (IPv6 without brackets) and a port, or a Unix socket.</summary>
/// <param name="Host">The host name or IP address; the whole path of a Unix socket.</param>
/// <param name="Port">The TCP port, 1 to 65535; 0 for a Unix socket.</param>
public readonly record struct ConvoyRedisEndpoint(string Host, int Port)
{
    /// <summary>Whether this is a Unix socket.</summary>
    internal bool IsUnixSocket => Host?.StartsWith('/') == true;

    /// <summary>The endpoint as <c>host:port</c>; an IPv6 address is in brackets, and a Unix socket is its path.</summary>
    public override string ToString() =>
        IsUnixSocket ? Host
        : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}"
        : $"{Host}:{Port}";
}
