using System.CommandLine;
using ConvoyRedis.Client;

namespace ConvoyRedis.Tool.CommandLine;

/// <summary>Where a command reads the settings: convoy.json, the environment, and Convoy's own flags.</summary>
internal sealed class SettingsInput
{
    private readonly Option<string?> _path = new("--config")
    {
        Description = $"Convoy's configuration file. Default: {ConvoyRedisSources.DefaultConvoyJsonPath}, if there is one.",
        HelpName = "path",
    };

    private readonly IReadOnlyList<Option<string?>> _flags =
    [
        .. from setting in Settings.All
           where setting.Flag is not null
           select new Option<string?>(setting.Flag!) { Description = $"{setting.Key}: {setting.PlainDoc}.", HelpName = "value" },
    ];

    public void AddTo(Command command)
    {
        command.Options.Add(_path);
        foreach (var flag in _flags)
            command.Options.Add(flag);
    }

    public ConvoyRedisOptions Load(ParseResult parsed) => ConvoyRedisOptions.Load(new ConvoyRedisSources
    {
        ConvoyJsonPath = parsed.GetValue(_path) ?? ConvoyRedisSources.DefaultConvoyJsonPath,
        ConvoyJsonRequired = parsed.GetValue(_path) is not null,
        Args = [.. _flags.Where(flag => parsed.GetValue(flag) is not null).Select(flag => $"{flag.Name}={parsed.GetValue(flag)}")],
    });

    /// <summary>Writes every problem to standard error.</summary>
    public static int Report(IEnumerable<string> problems)
    {
        foreach (var problem in problems)
            Console.Error.WriteLine(problem);
        return ExitCode.WrongInput;
    }
}
