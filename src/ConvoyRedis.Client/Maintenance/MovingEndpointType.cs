using System.Net;
using System.Net.Sockets;

namespace ConvoyRedis.Client.Maintenance;

/// <summary>
/// The kind of address that a server is asked to name when the endpoint moves: the one that belongs to the network in which it was reached. An IP address
/// also with TLS: the certificate is checked for the endpoint's own name, and there is no time to wait for a new name to resolve.
/// </summary>
internal static class MovingEndpointType
{
    public const string Internal = "internal-ip";
    public const string External = "external-ip";

    /// <summary>The kind for the address at which the server was reached.</summary>
    public static string For(string address) => IPAddress.TryParse(address, out var ip) && IsPrivate(ip) ? Internal : External;

    private static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal)
            return true;
        return address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() switch
        {
            [10, ..] or [192, 168, ..] or [169, 254, ..] => true,
            [172, >= 16 and <= 31, ..] => true,
            _ => false,
        };
    }
}
