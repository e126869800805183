namespace ConvoyRedis.Client.Configuration;

/// <summary>
/// Reads <c>redis://</c>, <c>rediss://</c>, <c>redis-sentinel://user:pass@s1:26379,s2/db?master=mymaster</c> and <c>unix:///path</c> into settings, as
/// go-redis does where it knows them (options.go, ParseURL). It is strict, because wrongly accepted text could be part of a password; messages do not
/// quote the text.
/// </summary>
internal static class UriText
{
    private const string SchemeEnd = "://";

    /// <summary>Whether a text is, or was meant to be, a URL or a list of URLs.</summary>
    public static bool IsUrl(string text) => text.Contains(SchemeEnd, StringComparison.Ordinal);

    /// <summary>Reads a URL, or several separated by commas that differ only in their hosts.</summary>
    /// <param name="text">The URLs.</param>
    /// <param name="source">Where they were written.</param>
    /// <param name="wrong">Receives what is wrong.</param>
    /// <param name="warn">Receives warnings of what has no effect.</param>
    /// <returns>The settings that the URLs contain, the scheme and the addresses always; null when something is wrong.</returns>
    public static IReadOnlyList<(Setting Setting, string Text)>? Read(string text, string source, Action<string> wrong, Action<string> warn)
    {
        var ignored = new List<string>();
        var urls = new List<List<(Setting Setting, string Text)>>();
        foreach (var url in Split(text.Trim()))
        {
            var parts = new List<(Setting Setting, string Text)>();
            if (Explain(url.Trim(), parts, ignored) is { } problem)
            {
                wrong($"{source}: {Redaction.Quote(url.Trim())} {problem}");
                return null;
            }

            urls.Add(parts);
        }

        if (urls.Count > 1 && Conflict(urls) is { } conflict)
        {
            wrong($"{source}: {Redaction.Quote(text.Trim())} {conflict}");
            return null;
        }

        foreach (var warning in ignored.Distinct())
            warn($"{source} has the parameter {warning}.");
        var hosts = string.Join(',', urls.Select(Hosts));
        return
        [
            .. urls[0].Where(part => part.Setting != Settings.Addresses).Select(part => (part.Setting, part.Setting.IsTrimmed ? part.Text.Trim() : part.Text)),
            (Settings.Addresses, hosts),
        ];
    }

    // A comma also separates the hosts of one URL, and may be in a password.
    private static List<string> Split(string text)
    {
        var urls = new List<string>();
        foreach (var item in text.Split(','))
        {
            var scheme = item.IndexOf(SchemeEnd, StringComparison.Ordinal);
            if (urls.Count > 0 && (scheme < 0 || !Schemes.IsWellKnown(item[..scheme].Trim().ToLowerInvariant())))
                urls[^1] += "," + item;
            else
                urls.Add(item);
        }

        return urls;
    }

    private static string Hosts(List<(Setting Setting, string Text)> parts) => parts.Single(part => part.Setting == Settings.Addresses).Text;

    private static string? Conflict(List<List<(Setting Setting, string Text)>> urls)
    {
        if (urls.Exists(parts => Hosts(parts).StartsWith('/')))
            return "lists a Unix socket beside other addresses; it must be the only one.";
        var first = urls[0].Where(part => part.Setting != Settings.Addresses).ToHashSet();
        return urls.TrueForAll(parts => first.SetEquals(parts.Where(part => part.Setting != Settings.Addresses)))
            ? null
            : "lists URLs that differ in more than their hosts; scheme, login, database and parameters must be the same.";
    }

    // Returns what is wrong, or null.
    private static string? Explain(string url, List<(Setting Setting, string Text)> parts, List<string> ignored)
    {
        var schemeEnd = url.IndexOf(SchemeEnd, StringComparison.Ordinal);
        var scheme = schemeEnd < 0 ? "" : url[..schemeEnd].ToLowerInvariant();
        if (!Schemes.All.Contains(scheme) && scheme != Schemes.Unix)
            return $"does not begin with {Schemes.ListOfUrls()}.";
        parts.Add((Settings.Scheme, scheme == Schemes.Unix ? Schemes.Redis : scheme));

        var rest = url[(schemeEnd + SchemeEnd.Length)..];
        var authorityEnd = rest.IndexOfAny(['/', '?', '#']);
        var (authority, tail) = authorityEnd < 0 ? (rest, "") : (rest[..authorityEnd], rest[authorityEnd..]);
        if (tail.Contains('@', StringComparison.Ordinal))
            return "has characters in its user or password that must be percent-encoded (/ as %2F, ? as %3F, # as %23), or an @ after them (%40).";
        if (tail.Contains('#', StringComparison.Ordinal))
            return "has a fragment (#), which is not supported.";

        // As in Go, the last @ ends the password.
        var at = authority.LastIndexOf('@');
        var query = tail.IndexOf('?', StringComparison.Ordinal);
        var (path, parameters) = query < 0 ? (tail, "") : (tail[..query], tail[(query + 1)..]);
        var hosts = authority[(at + 1)..];
        return (at < 0 ? null : ReadUser(authority[..at], parts))
            ?? (scheme == Schemes.Unix ? ReadSocket(hosts, path, parts) : ReadHosts(scheme, hosts, parts) ?? ReadDatabase(path, parts))
            ?? UriParameters.Read(parameters, parts, ignored);
    }

    private static string? ReadUser(string login, List<(Setting Setting, string Text)> parts)
    {
        var credentials = login.Split(':', 2);
        if (PercentText.Decode(credentials[0]) is not { } user || PercentText.Decode(credentials.ElementAtOrDefault(1) ?? "") is not { } password)
            return "has a % in its user or password that does not start a percent-encoded character (UTF-8); write it as %25.";
        if (user.Length > 0)
            parts.Add((Settings.Username, user));
        if (password.Length > 0)
            parts.Add((Settings.Password, password));
        return null;
    }

    private static string? ReadHosts(string scheme, string hosts, List<(Setting Setting, string Text)> parts)
    {
        // go-redis: a missing host is localhost.
        if (scheme != Schemes.Sentinel && (hosts.Length == 0 || hosts.StartsWith(':')))
            hosts = Settings.Host.Default + hosts;

        // The zone of an IPv6 address (RFC 6874).
        hosts = hosts.Replace("%25", "%", StringComparison.Ordinal);

        // The default port does not matter here: problems are found without it.
        var isWrong = hosts.Split(',').Any(host => host.Length == 0);
        AddressList.Parse(hosts, 1, _ => isWrong = true);
        if (isWrong)
            return "does not list its hosts as host or host:port, separated by commas.";
        parts.Add((Settings.Addresses, hosts));
        return null;
    }

    private static string? ReadSocket(string host, string path, List<(Setting Setting, string Text)> parts)
    {
        if (host.Length > 0 || PercentText.Decode(path) is not { Length: > 1 } socket)
            return "does not name a Unix socket by its whole path, for example unix:///run/redis/redis.sock.";
        parts.Add((Settings.Addresses, socket));
        return null;
    }

    private static string? ReadDatabase(string path, List<(Setting Setting, string Text)> parts)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length > 1)
            return "has more than a database number in its path.";
        if (segments is [var database])
            parts.Add((Settings.Database, database));
        return null;
    }
}
