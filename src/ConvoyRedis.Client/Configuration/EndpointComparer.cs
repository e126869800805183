using System.Net;
using System.Net.Sockets;

namespace ConvoyRedis.Client.Configuration;

/// <summary>Compares endpoints by what they name: hosts in any case, with or without the dot at their end, and IPv6 addresses in any spelling.</summary>
internal sealed class EndpointComparer : IEqualityComparer<ConvoyRedisEndpoint>
{
    public static EndpointComparer Instance { get; } = new();

    public bool Equals(ConvoyRedisEndpoint x, ConvoyRedisEndpoint y) => Canonical(x) == Canonical(y);

    public int GetHashCode(ConvoyRedisEndpoint obj) => Canonical(obj).GetHashCode();

    private static ConvoyRedisEndpoint Canonical(ConvoyRedisEndpoint endpoint)
    {
        if (endpoint.IsUnixSocket)
            return endpoint;
        var isIPv6 = IPAddress.TryParse(endpoint.Host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
        return endpoint with { Host = isIPv6 ? $"{address}" : endpoint.Host.TrimEnd('.').ToLowerInvariant() };
    }
}
