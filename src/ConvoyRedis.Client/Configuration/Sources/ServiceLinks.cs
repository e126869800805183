using System.Text.RegularExpressions;

namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>
/// Recognizes the variables that Kubernetes sets in every pod for each Service of its namespace ("service links"): those of a Service whose name is or begins
/// with convoy-redis look like settings.
/// </summary>
internal static partial class ServiceLinks
{
    /// <summary>Whether a variable is one of these.</summary>
    public static bool Contains(string name, string? value) =>
        Names().IsMatch(name) || (name.EndsWith("_PORT", StringComparison.Ordinal) && IsAddress(value));

    /// <summary>Whether a value is what Kubernetes writes for a port.</summary>
    public static bool IsAddress(string? value) => value is not null && Addresses().IsMatch(value);

    [GeneratedRegex("^CONVOY_REDIS_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?)$")]
    private static partial Regex Names();

    [GeneratedRegex("^(tcp|udp|sctp)://")]
    private static partial Regex Addresses();
}
