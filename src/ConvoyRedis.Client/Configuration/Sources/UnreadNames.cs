namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>Names of settings that are in Convoy's documentation and charts, and that its code does not read.</summary>
internal static class UnreadNames
{
    // Helm's chart and the flag --redis-type give the kind of queue, which is always Redis.
    private const string Type = "TYPE";

    private static IReadOnlyDictionary<string, string> Replacements => new Dictionary<string, string>
    {
        ["TLS_ENABLED"] = "for TLS, set scheme (CONVOY_REDIS_SCHEME) to rediss, or tls (CONVOY_REDIS_TLS) under redis-sentinel",
        ["DSN"] = "set addresses (CONVOY_REDIS_CLUSTER_ADDRESSES) to the URL",
    };

    /// <summary>Whether a name is one of these.</summary>
    /// <param name="name">The key or variable, with or without the prefix of Redis.</param>
    /// <param name="instead">What to use instead, as the end of a sentence; null when nothing is missed.</param>
    public static bool Contains(string name, out string? instead)
    {
        var key = name.ToUpperInvariant();
        foreach (var prefix in (string[])[Settings.VariablePrefix, "REDIS_"])
            key = key.StartsWith(prefix, StringComparison.Ordinal) ? key[prefix.Length..] : key;
        instead = Replacements.GetValueOrDefault(key);
        return instead is not null || key == Type;
    }
}
