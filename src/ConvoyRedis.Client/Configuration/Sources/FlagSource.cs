namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>
/// Reads Convoy's command-line flags, as <c>--redis-host=value</c> or <c>--redis-host value</c>; other arguments are ignored. As in pflag, the last of
/// several counts, and <c>--</c> ends the flags.
/// </summary>
internal static class FlagSource
{
    /// <summary>Convoy's flag for the path of convoy.json.</summary>
    public const string ConfigFlag = "--config";

    private const string Prefix = "--redis-";

    public static void Read(SettingValues values, IReadOnlyList<string> args)
    {
        foreach (var setting in Settings.All)
        {
            // Convoy takes an empty text, and a port of 0, as not given (config.go, overrideFields).
            if (setting.Flag is { } flag && Find(values, args, flag, setting) is { Length: > 0 } text && !(setting == Settings.Port && GoText.Integer(text) == 0))
                values.Write(setting, text, Source(flag));
        }

        WarnOfUnknown(values, args);
    }

    /// <summary>The path of convoy.json; null when it is not given.</summary>
    public static string? ConfigPath(SettingValues values, IReadOnlyList<string> args) =>
        Find(values, args, ConfigFlag) is { Length: > 0 } path ? path : null;

    /// <summary>Where a flag was written.</summary>
    public static string Source(string flag) => $"{flag} (command line)";

    private static void WarnOfUnknown(SettingValues values, IReadOnlyList<string> args)
    {
        List<string> known = [.. Settings.All.Select(setting => setting.Flag).OfType<string>()];
        foreach (var name in Flags(args).Select(argument => argument.Split('=')[0]).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (!known.Contains(name) && !UnreadNames.Contains(name[Prefix.Length..], out _))
                values.AddWarning($"{Source(name)} is not a setting{Closest.Hint(name, known, Prefix)}");
        }
    }

    private static IEnumerable<string> Flags(IReadOnlyList<string> args) => args.TakeWhile(argument => argument != "--");

    // The value of a flag; null when it is not given, or has none.
    private static string? Find(SettingValues values, IReadOnlyList<string> args, string flag, Setting? setting = null)
    {
        List<string> flags = [.. Flags(args)];
        var at = flags.FindLastIndex(argument => argument == flag || argument.StartsWith(flag + "=", StringComparison.Ordinal));
        if (at < 0)
            return null;
        if (flags[at] != flag)
            return flags[at][(flag.Length + 1)..];
        if (at + 1 < flags.Count && !flags[at + 1].StartsWith("--", StringComparison.Ordinal))
            return flags[at + 1];
        var problem = $"{Source(flag)} needs a value; write a value that begins with -- as {flag}=value.";
        values.AddProblem(setting, problem);
        return null;
    }
}
