using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client.Configuration;

/// <summary>Validates options when the host starts: the problems that <see cref="ConvoyRedisOptions.Resolve"/> finds, and missing files.</summary>
internal sealed class ConvoyRedisOptionsValidator : IValidateOptions<ConvoyRedisOptions>
{
    public ValidateOptionsResult Validate(string? name, ConvoyRedisOptions options)
    {
        var failures = options.Check(out _).Concat(MissingFiles(options)).ToList();
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> MissingFiles(ConvoyRedisOptions options)
    {
        foreach (var setting in Settings.All.Where(setting => setting.IsFile))
        {
            if (options.Values[setting] is { Text.Length: > 0 } value && !File.Exists(value.Text))
                yield return $"{value.Source}: the file {Redaction.Quote(value.Text)} does not exist.";
        }
    }
}
