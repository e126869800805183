using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client.Configuration;

/// <summary>Validates options when the host starts: the problems that <see cref="ConvoyRedisOptions.Resolve"/> finds, and missing files.</summary>
internal sealed class ConvoyRedisOptionsValidator : IValidateOptions<ConvoyRedisOptions>
{
    public ValidateOptionsResult Validate(string? name, ConvoyRedisOptions options)
    {
        var reader = new SettingReader(options.Values);
        reader.Resolve(options.ConfigureMultiplexer);
        List<string> failures = [.. reader.Problems, .. reader.MissingFiles()];
        return failures.Count > 0 ? ValidateOptionsResult.Fail(reader.WithWarnings(failures)) : ValidateOptionsResult.Success;
    }
}
