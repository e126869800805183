using System.Globalization;

namespace ConvoyRedis.Client.Configuration;

/// <summary>Writes what settings mean, so that equal texts mean the same, and reading a text gives the value again.</summary>
internal static class SettingText
{
    /// <summary>The text of a value; null when there is none.</summary>
    public static string? Write(object? value) => value switch
    {
        null or string => (string?)value,
        bool boolean => boolean ? "true" : "false",
        TimeSpan duration => GoText.Write(duration),
        Enum name => string.Concat(name.ToString().Select((letter, i) => i > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{letter}")).ToLowerInvariant(),
        IEnumerable<KeyValuePair<ConvoyRedisEndpoint, ConvoyRedisEndpoint>> map => string.Join(',', map.Select(pair => $"{pair.Key}={pair.Value}")),
        IEnumerable<ConvoyRedisEndpoint> endpoints => string.Join(',', endpoints),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    /// <summary>Reads one of several names; null if it is none of them.</summary>
    public static T? Parse<T>(string text)
        where T : struct, Enum =>
        Enum.GetValues<T>().Cast<T?>().FirstOrDefault(value => string.Equals(Write(value), text, StringComparison.OrdinalIgnoreCase));
}
