using System.Text.Encodings.Web;
using System.Text.Json;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Tool.Config;

/// <summary>A target as its settings are named, without its secrets.</summary>
internal sealed class ConfigReport(ConvoyRedisTarget target)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public ConvoyRedisTarget Target => target;

    /// <summary>What each setting resolved to, in the order in which they are shown.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Values { get; } =
    [
        new("topology", target.Topology.ToString().ToLowerInvariant()),
        new("endpoints", target.Endpoints.Select(endpoint => endpoint.ToString()).ToArray()),
        new("tls", target.Tls),
        new("database", target.Database),
        new("username", target.Username),
        new("password", Mask(target.Password)),
        new("master_name", target.MasterName),
        new("sentinel_username", target.SentinelUsername),
        new("sentinel_password", Mask(target.SentinelPassword)),
        new("sentinel_tls", target.SentinelTls),
        new("tls_skip_verify", target.TlsSkipVerify),
        new("tls_cert_file", target.TlsCertFile),
        new("tls_key_file", target.TlsKeyFile),
        new("tls_ca_cert_file", target.TlsCaCertFile),
        new("tls_server_name", target.TlsServerName),
        new("failover_mode", target.FailoverMode.ToString().ToLowerInvariant()),
        new("command_timeout", GoText.Write(target.CommandTimeout)),
        new("connect_timeout", GoText.Write(target.ConnectTimeout)),
        new("hold_deadline", GoText.Write(target.HoldDeadline)),
        new("address_map", target.AddressMap.Select(pair => $"{pair.Key}={pair.Value}").ToArray()),
        new("client_name", target.ClientName),
    ];

    /// <summary>Where the settings that were given came from; what is not here is a default, or follows from others.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; } = WithDerived(target.Sources);

    public static string Plain(object value) => value switch
    {
        IEnumerable<string> items => string.Join('\n', items),
        bool boolean => boolean ? "true" : "false",
        _ => $"{value}",
    };

    public string ToJson()
    {
        var fields = Values.ToDictionary(field => field.Key, field => field.Value);
        fields["sources"] = Sources;
        fields["warnings"] = target.Warnings;
        return JsonSerializer.Serialize(fields, Indented);
    }

    private static string? Mask(string? secret) => secret is null ? null : Redaction.Mask;

    // Topology, endpoints and TLS are not settings, but what several settings together mean.
    private static Dictionary<string, string> WithDerived(IReadOnlyDictionary<string, string> given)
    {
        var sources = given.ToDictionary();
        void Derive(string name, params string[] settings)
        {
            var from = settings.Where(sources.ContainsKey).Select(setting => sources[setting]).ToList();
            if (from.Count > 0 && !sources.ContainsKey(name))
                sources[name] = string.Join(", ", from);
        }

        Derive("topology", "scheme", "addresses");
        Derive("endpoints", sources.ContainsKey("addresses") ? ["addresses", "port"] : ["host", "port"]);
        Derive("tls", "scheme", "tls_ca_cert_file", "tls_cert_file", "tls_skip_verify");
        return sources;
    }
}
