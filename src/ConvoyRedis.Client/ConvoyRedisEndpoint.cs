namespace ConvoyRedis.Client;

/// <summary>A host name or IP address (IPv6 without brackets) and a port.</summary>
/// <param name="Host">The host name or IP address.</param>
/// <param name="Port">The TCP port, 1 to 65535.</param>
public readonly record struct ConvoyRedisEndpoint(string Host, int Port)
{
    /// <summary>The endpoint as <c>host:port</c>; an IPv6 address is in brackets.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
