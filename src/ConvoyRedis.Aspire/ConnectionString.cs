using System.Net;
using ConvoyRedis.Client;
using StackExchange.Redis;

namespace ConvoyRedis.Aspire;

/// <summary>A connection string in the terms of Convoy's settings.</summary>
internal static class ConnectionString
{
    /// <summary>Sets where Redis is, and how to log in.</summary>
    /// <param name="text">A URL, or what StackExchange.Redis reads; of the latter's options, those that say where Redis is and how to log in.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static void Apply(string text, ConvoyRedisOptions options)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            options.Addresses = text;
            return;
        }

        var parsed = ConfigurationOptions.Parse(text);
        options.Host = string.Join(',', parsed.EndPoints.Select(Text));
        options.Username = parsed.User;
        options.Password = parsed.Password;
        if (parsed.Ssl)
            options.Tls = true;
        if (parsed.SslHost is { Length: > 0 } name)
            options.TlsServerName = name;
        if (parsed.DefaultDatabase is { } database)
            options.Database = database;
        if (parsed.ServiceName is { Length: > 0 } master)
            (options.Scheme, options.MasterName) = ("redis-sentinel", master);
    }

    // StackExchange.Redis gives an endpoint without a port the port 0.
    private static string Text(EndPoint endpoint) => endpoint switch
    {
        DnsEndPoint { Port: 0 } name => name.Host,
        DnsEndPoint name => $"{name.Host}:{name.Port}",
        IPEndPoint { Port: 0 } address => $"{(address.Address.ToString() is var host && host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}",
        _ => endpoint.ToString()!,
    };
}
