using System.Globalization;

namespace ConvoyRedis.Client.Configuration;

/// <summary>Reads the parameters of a URL: keys of convoy.json, and the options of go-redis that have a meaning here (options.go, setupConnParams).</summary>
internal static class UriParameters
{
    private const string MasterParameter = "master";
    private const string SkipVerify = "skip_verify";

    // The options of go-redis that have a meaning here.
    private static Dictionary<string, Setting> Known => new()
    {
        ["db"] = Settings.Database,
        ["dial_timeout"] = Settings.ConnectTimeout,
        ["read_timeout"] = Settings.CommandTimeout,
        [SkipVerify] = Settings.TlsSkipVerify,
        [MasterParameter] = Settings.MasterName,
    };

    // The others: StackExchange.Redis has one connection and no pool, and retries are the library's own.
    private static IReadOnlyList<string> WithoutMeaning =>
    [
        "protocol", "max_retries", "min_retry_backoff", "max_retry_backoff", "write_timeout", "pool_fifo", "pool_size", "pool_timeout", "min_idle_conns",
        "max_idle_conns", "max_active_conns", "max_concurrent_dials", "conn_max_idle_time", "idle_timeout", "conn_max_lifetime", "max_conn_age",
        "conn_max_lifetime_jitter",
    ];

    // What a URL says in its other parts.
    private static IReadOnlyList<Setting> NoParameters => [Settings.Scheme, Settings.Host, Settings.Addresses];

    /// <summary>Reads the parameters, and returns what is wrong with them, or null.</summary>
    /// <param name="query">The parameters, without the question mark.</param>
    /// <param name="parts">The settings of the URL; those of the parameters are added.</param>
    /// <param name="ignored">Receives the parameters that have no effect, each with the reason.</param>
    public static string? Read(string query, List<(Setting Setting, string Text)> parts, List<string> ignored)
    {
        var fromPath = parts.FindIndex(part => part.Setting == Settings.Database);
        foreach (var parameter in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = parameter.Split('=', 2);
            var name = pair[0];
            if (WithoutMeaning.Contains(name))
            {
                ignored.Add($"{name}, which has no effect here");
                continue;
            }

            if ((Known.GetValueOrDefault(name) ?? Settings.All.FirstOrDefault(setting => setting.Key == name)) is not { } setting || NoParameters.Contains(setting))
                return $"has an unknown parameter; use {MasterParameter}, a key of convoy.json's redis section, or an option of go-redis.";
            if (pair.Length < 2 || PercentText.Decode(pair[1]) is not { } text)
                return $"has the parameter {name} without a value, or with one that is not percent-encoded.";
            if (name == SkipVerify && parts[0].Text != Schemes.RedisTls)
                return $"has the parameter {SkipVerify}, which belongs to {Schemes.RedisTls}://.";
            if ((Known.ContainsKey(name) ? Understand(name, text, ignored) : text) is not { } understood)
                continue;

            // go-redis: db replaces the number in the path.
            if (name == "db" && fromPath >= 0)
                (parts[fromPath], fromPath) = ((setting, understood), -1);
            else if (parts.Exists(part => part.Setting == setting))
                return $"gives {setting.Key} twice.";
            else
                parts.Add((setting, understood));
        }

        return null;
    }

    // The value of an option of go-redis as the setting writes it; null where there is none.
    private static string? Understand(string name, string text, List<string> ignored)
    {
        if (text.Length == 0)
            return null;
        if (!name.EndsWith("_timeout", StringComparison.Ordinal))
            return text;

        // A number alone is one of seconds.
        var isNumber = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds);
        if (text.StartsWith('-') || (isNumber ? seconds == 0 : GoText.Duration(text) == TimeSpan.Zero))
        {
            ignored.Add($"{name} without a limit, which has no effect: there always is one here");
            return null;
        }

        return isNumber ? $"{seconds.ToString(CultureInfo.InvariantCulture)}s" : text;
    }
}
