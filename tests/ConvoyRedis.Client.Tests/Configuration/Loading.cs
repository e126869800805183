using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>Loads options from given layers and from nothing else.</summary>
internal static class Loading
{
    public static ConvoyRedisOptions Load(
        string? json = null, IReadOnlyDictionary<string, string?>? variables = null, params IReadOnlyList<string> args)
    {
        using var directory = new TemporaryDirectory();
        return ConvoyRedisOptions.Load(new ConvoyRedisSources
        {
            ConvoyJsonPath = json is null ? null : directory.Write("convoy.json", json),
            Environment = variables ?? new Dictionary<string, string?>(),
            Args = args,
        });
    }

    public static ConvoyRedisOptions Environment(params (string Name, string Value)[] variables) =>
        Load(variables: variables.ToDictionary(variable => variable.Name, variable => (string?)variable.Value));

    /// <summary>What is wrong with the settings, and the warnings after it; empty when nothing is wrong.</summary>
    public static IReadOnlyList<string> Failures(ConvoyRedisOptions options) =>
        Record.Exception(options.Resolve) is OptionsValidationException exception ? [.. exception.Failures] : [];
}
