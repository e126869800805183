using System.Globalization;
using System.Net;

namespace ConvoyRedis.Client.Configuration;

/// <summary>Reads comma-separated addresses: <c>host</c>, <c>host:port</c>, <c>[IPv6]</c>, <c>[IPv6]:port</c> or <c>IPv6</c>.</summary>
internal static class AddressList
{
    private const string AddressForm = "host or host:port (an IPv6 address with a port in brackets)";

    /// <summary>Reads a list; blanks and empty items are dropped, and so are repetitions.</summary>
    /// <param name="text">The list.</param>
    /// <param name="defaultPort">The port of items that have none.</param>
    /// <param name="problem">Receives a message for each item that is not an address.</param>
    public static IReadOnlyList<ConvoyRedisEndpoint> Parse(string text, int defaultPort, Action<string> problem)
    {
        // With an @ somewhere there may be a password in it, and commas in that: then no single item is fit to be shown.
        if (text.Contains('@', StringComparison.Ordinal) || text.Contains("://", StringComparison.Ordinal))
        {
            problem($"{Redaction.Quote(text)} is not a list of {AddressForm}; set credentials with username and password.");
            return [];
        }

        var endpoints = new List<ConvoyRedisEndpoint>();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (ParseOne(item, defaultPort, problem) is { } endpoint && !endpoints.Contains(endpoint, EndpointComparer.Instance))
                endpoints.Add(endpoint);
        }

        return endpoints;
    }

    /// <summary>Reads a list of <c>announced=reachable</c>.</summary>
    /// <param name="text">The list.</param>
    /// <param name="defaultPort">The port of addresses that have none.</param>
    /// <param name="problem">Receives a message for each wrong item.</param>
    public static Dictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint> ParseMap(string text, int defaultPort, Action<string> problem)
    {
        var map = new Dictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint>(EndpointComparer.Instance);
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = item.Split('=', StringSplitOptions.TrimEntries);
            if (pair.Length != 2)
            {
                problem($"'{item}' is not of the form announced=reachable, for example 10.0.0.1:6379=127.0.0.1:7001.");
                continue;
            }

            var announced = ParseOne(pair[0], defaultPort, problem);
            var reachable = ParseOne(pair[1], defaultPort, problem);
            if (announced is not null && reachable is not null && !map.TryAdd(announced.Value, reachable.Value))
                problem($"{announced} is mapped twice.");
        }

        return map;
    }

    /// <summary>Reads one address; null, and a message about the problem, if it is invalid.</summary>
    public static ConvoyRedisEndpoint? ParseOne(string item, int defaultPort, Action<string> problem)
    {
        if (!TrySplit(item, out var host, out var portText))
        {
            problem($"{Redaction.Quote(item)} is not {AddressForm}{(UriText.IsUrl(item) ? "; a URL is written in addresses" : "")}.");
            return null;
        }

        if (portText is null)
            return new ConvoyRedisEndpoint(host, defaultPort);
        if (Port(portText) is { } port)
            return new ConvoyRedisEndpoint(host, port);
        problem($"{Redaction.Quote(item)}: {Redaction.Quote(portText)} is not a port number between 1 and 65535.");
        return null;
    }

    /// <summary>Reads a port; null if it is invalid.</summary>
    public static int? Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535 ? port : null;

    private static bool TrySplit(string item, out string host, out string? port)
    {
        port = null;
        if (item.StartsWith('['))
        {
            var end = item.IndexOf(']', StringComparison.Ordinal);
            host = end > 0 ? item[1..end] : "";
            if (end < 0 || Uri.CheckHostName(host) != UriHostNameType.IPv6)
                return false;
            if (end == item.Length - 1)
                return true;
            port = item[(end + 1)..] is [':', .. var rest] ? rest : null;
            return port is not null;
        }

        if (IsBareIPv6(item))
        {
            host = item;
            return true;
        }

        var colon = item.IndexOf(':', StringComparison.Ordinal);
        host = colon < 0 ? item : item[..colon];
        if (colon >= 0)
            port = item[(colon + 1)..];

        // Docker and Kubernetes give names with underscores, which DNS proper does not know.
        return host.Trim('.').Length > 0
            && port?.Contains(':', StringComparison.Ordinal) != true
            && host.All(letter => char.IsLetterOrDigit(letter) || letter is '.' or '-' or '_');
    }

    // fe80::1:6379 may be meant as [fe80::1]:6379, which is another address.
    private static bool IsBareIPv6(string item)
    {
        var last = item.LastIndexOf(':');
        return last > 0
            && Uri.CheckHostName(item) == UriHostNameType.IPv6
            && !(item[(last + 1)..] is { Length: 4 } end && end.All(char.IsAsciiDigit) && IPAddress.TryParse(item[..last], out _));
    }
}
