namespace ConvoyRedis.Client.Configuration;

/// <summary>
/// Reads <c>redis://</c>, <c>rediss://</c> and <c>redis-sentinel://user:pass@s1:26379,s2/db?master=mymaster</c> into settings.
/// It is strict, because wrongly accepted text could be part of a password; messages do not quote the text.
/// </summary>
internal static class UriText
{
    private const string MasterParameter = "master";

    /// <summary>Reads a URI. The parts that it has are written; the others are left as they are.</summary>
    /// <param name="uri">The URI.</param>
    /// <param name="source">Where the URI was written.</param>
    /// <param name="write">Takes a setting, its text and its source.</param>
    /// <param name="problem">Receives what is wrong; nothing has been written then.</param>
    public static void Read(string uri, string source, Action<Setting, string, string> write, Action<string> problem)
    {
        var parts = new List<(Setting Setting, string Text)>();
        if (Explain(uri.Trim(), parts) is { } wrong)
        {
            problem($"{source}: {Redaction.Quote(uri.Trim())} {wrong}");
            return;
        }

        foreach (var (setting, text) in parts)
            write(setting, text, $"{setting.Key} in {source}");
    }

    // Returns what is wrong, or null.
    private static string? Explain(string uri, List<(Setting Setting, string Text)> parts)
    {
        var schemeEnd = uri.IndexOf("://", StringComparison.Ordinal);
        var scheme = schemeEnd < 0 ? "" : uri[..schemeEnd].ToLowerInvariant();
        if (!Schemes.All.Contains(scheme))
            return $"does not begin with {Schemes.List("://")}.";
        parts.Add((Settings.Scheme, scheme));

        var rest = uri[(schemeEnd + 3)..];
        var authorityEnd = rest.IndexOfAny(['/', '?', '#']);
        var (authority, tail) = authorityEnd < 0 ? (rest, "") : (rest[..authorityEnd], rest[authorityEnd..]);
        if (tail.Contains('@', StringComparison.Ordinal) || authority.Count(letter => letter == '@') > 1)
            return "has characters in its user or password that must be percent-encoded (@ as %40, / as %2F, ? as %3F, # as %23).";
        if (tail.Contains('#', StringComparison.Ordinal))
            return "has a fragment (#), which is not supported.";
        return ReadUser(authority, parts)
            ?? ReadHosts(authority[(authority.IndexOf('@', StringComparison.Ordinal) + 1)..], parts)
            ?? ReadTail(tail, parts);
    }

    private static string? ReadUser(string authority, List<(Setting Setting, string Text)> parts)
    {
        var at = authority.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
            return null;
        var credentials = authority[..at].Split(':', 2);
        if (Decode(credentials[0]) is not { } user || Decode(credentials.ElementAtOrDefault(1) ?? "") is not { } password)
            return "has a % in its user or password that does not start a percent-encoded character; write it as %25.";
        if (user.Length > 0)
            parts.Add((Settings.Username, user));
        if (password.Length > 0)
            parts.Add((Settings.Password, password));
        return null;
    }

    private static string? ReadHosts(string hosts, List<(Setting Setting, string Text)> parts)
    {
        // The default port does not matter here: problems are found without it.
        var isWrong = hosts.Split(',').Any(host => host.Length == 0);
        AddressList.Parse(hosts, 1, _ => isWrong = true);
        if (isWrong)
            return "does not list its hosts as host or host:port, separated by commas.";
        parts.Add((Settings.Addresses, hosts));
        return null;
    }

    private static string? ReadTail(string tail, List<(Setting Setting, string Text)> parts)
    {
        var query = tail.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? tail : tail[..query];
        if (path.TrimStart('/') is { Length: > 0 } database)
        {
            if (database.Contains('/', StringComparison.Ordinal))
                return "has more than a database number in its path.";
            parts.Add((Settings.Database, database));
        }

        if (query < 0)
            return null;
        foreach (var parameter in tail[(query + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = parameter.Split('=', 2);
            var setting = pair[0] == MasterParameter ? Settings.MasterName : Settings.All.FirstOrDefault(setting => setting.Key == pair[0]);
            if (setting is null || setting == Settings.Scheme || setting == Settings.Addresses || setting == Settings.Host)
                return $"has an unknown parameter; use {MasterParameter} or a key of convoy.json's redis section.";
            if (pair.Length < 2 || Decode(pair[1]) is not { } text)
                return $"has the parameter {pair[0]} without a value, or with one that is not percent-encoded.";
            if (parts.Exists(part => part.Setting == setting))
                return $"gives {setting.Key} twice.";
            parts.Add((setting, text));
        }

        return null;
    }

    private static string? Decode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])))
                return null;
        }

        return Uri.UnescapeDataString(text);
    }
}
