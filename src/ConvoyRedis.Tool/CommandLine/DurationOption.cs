using System.CommandLine;
using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Tool.CommandLine;

/// <summary>An option whose value is a positive duration as Convoy writes one, for example <c>1.5s</c>.</summary>
internal static class DurationOption
{
    public static Option<TimeSpan?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "duration",
        CustomParser = result =>
        {
            if (GoText.Duration(result.Tokens[0].Value) is { } parsed && parsed > TimeSpan.Zero)
                return parsed;
            result.AddError($"{name} '{result.Tokens[0].Value}' is not a duration such as 30s or 5m.");
            return null;
        },
    };
}
