using Microsoft.Extensions.Configuration.CommandLine;

namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>Reads Convoy's command-line flags, as <c>--redis-host=value</c> or <c>--redis-host value</c>; other arguments are ignored.</summary>
internal static class FlagSource
{
    public static void Read(SettingValues values, IReadOnlyList<string> args)
    {
        foreach (var setting in Settings.All)
        {
            if (setting.Flag is not { } flag)
                continue;
            var at = args.ToList().FindLastIndex(
                argument => argument == flag || argument.StartsWith(flag + "=", StringComparison.Ordinal));
            if (at < 0)
                continue;
            string[] own = args[at] == flag && at + 1 < args.Count ? [args[at], args[at + 1]] : [args[at]];
            var parsed = new CommandLineConfigurationProvider(own);
            parsed.Load();
            if (own is [_, ['-', '-', ..]] || !parsed.TryGet(flag[2..], out var text))
                values.AddProblem(setting, $"{flag} (command line) needs a value; write a value that begins with -- as {flag}=value.");
            else
                values.Write(setting, text ?? "", $"{flag} (command line)");
        }
    }
}
