using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ConvoyRedis.Client.Nodes;

/// <summary>
/// Validates the addresses that sentinels announce. A real sentinel announces an empty host when it resolves host names (<c>resolve-hostnames yes</c>)
/// and the name of the master does not resolve.
/// </summary>
internal static class AnnouncedEndpoint
{
    /// <summary>The length of the longest DNS name (RFC 1035).</summary>
    private const int LongestHost = 253;

    /// <summary>Reads an announced host and port.</summary>
    /// <param name="host">The host.</param>
    /// <param name="port">The port.</param>
    /// <param name="endpoint">The address, when it can be used.</param>
    /// <param name="problem">What is wrong with it otherwise; it quotes nothing that the peer said.</param>
    public static bool TryRead(string? host, string? port, out ConvoyRedisEndpoint endpoint, [NotNullWhen(false)] out string? problem)
    {
        endpoint = default;
        problem = host switch
        {
            null or "" => "an empty host",
            { Length: > LongestHost } => "a host that is too long",
            _ when host.Contains('/', StringComparison.Ordinal) => "a path in place of a host",
            _ when host.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter)) => "a host with blanks or control characters",
            _ => null,
        };
        if (problem is not null)
            return false;
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
        {
            problem = "a port that is not between 1 and 65535";
            return false;
        }

        endpoint = new ConvoyRedisEndpoint(host!, number);
        return true;
    }

    /// <summary>Reads an announced host and port; null when they cannot be used.</summary>
    public static ConvoyRedisEndpoint? Read(string? host, string? port) => TryRead(host, port, out var endpoint, out _) ? endpoint : null;
}
