using System.Text.Encodings.Web;
using System.Text.Json;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Tool.Config;

/// <summary>A target as its settings are named, without its secrets.</summary>
/// <param name="target">The target.</param>
/// <param name="missingFiles">What is said of files that do not exist; nobody else looks for them before the connection does.</param>
internal sealed class ConfigReport(ConvoyRedisTarget target, IEnumerable<string> missingFiles)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public ConvoyRedisTarget Target => target;

    public IReadOnlyList<string> Warnings { get; } = [.. target.Warnings, .. missingFiles];

    /// <summary>What each setting resolved to, in the order in which they are shown.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Values { get; } =
    [
        new("topology", SettingText.Write(target.Topology)),
        new("endpoints", target.Endpoints.Select(endpoint => endpoint.ToString()).ToArray()),
        .. from setting in Settings.All
           where !Derived.Contains(setting)
           select new KeyValuePair<string, object?>(setting.Key, Shown(setting, target[setting])),
    ];

    /// <summary>Where the settings that were given came from; what is not here is a default, or follows from others.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; } = WithDerived(target.Sources);

    /// <summary>What settings resolve to, or everything that is wrong with them.</summary>
    public static (ConfigReport? Report, IReadOnlyList<string> Problems) Of(ConvoyRedisOptions options)
    {
        var reader = new SettingReader(options.Values);
        return reader.Resolve() is { } target
            ? (new ConfigReport(target, reader.MissingFiles()), [])
            : (null, [.. reader.WithWarnings([.. reader.Problems, .. reader.MissingFiles()])]);
    }

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
        fields["warnings"] = Warnings;
        return JsonSerializer.Serialize(fields, Indented);
    }

    // What together means the topology and the endpoints.
    private static IReadOnlyList<Setting> Derived => [Settings.Scheme, Settings.Host, Settings.Port, Settings.Addresses];

    private static object? Shown(Setting setting, object? value) => value switch
    {
        string when setting.IsSecret => Redaction.Mask,
        bool or int => value,
        IEnumerable<KeyValuePair<ConvoyRedisEndpoint, ConvoyRedisEndpoint>> map => map.Select(pair => $"{pair.Key}={pair.Value}").ToArray(),
        _ => SettingText.Write(value),
    };

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
