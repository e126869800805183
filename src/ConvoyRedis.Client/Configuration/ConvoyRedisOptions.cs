using System.Diagnostics;
using ConvoyRedis.Client.Configuration;
using ConvoyRedis.Client.Configuration.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client;

/// <summary>
/// The settings of one connection, named as in the <c>redis</c> section of convoy.json. What a property is set to by code wins over what was
/// loaded. Wrong values are kept as they are written, and reported all at once by <see cref="Resolve"/>.
/// </summary>
/// <remarks>Its properties are beside the declarations of the settings, in <c>Settings.*.cs</c>.</remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed partial class ConvoyRedisOptions
{
    private readonly HashSet<Setting> _setByCode = [];

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal SettingValues Values { get; } = new();

    /// <summary>Reads the settings anew from where they were loaded, under what code has set; null when they come from code alone.</summary>
    internal Func<ConvoyRedisOptions>? Reload { get; private set; }

    /// <summary>Reads the settings from convoy.json, the environment and, if given, command-line arguments.</summary>
    /// <param name="sources">Where to read; null for ./convoy.json and the process's environment.</param>
    /// <returns>The settings as they are written; <see cref="Resolve"/> tells what is wrong with them.</returns>
    public static ConvoyRedisOptions Load(ConvoyRedisSources? sources = null)
    {
        var options = new ConvoyRedisOptions();
        options.LoadFrom(sources ?? new ConvoyRedisSources());
        options.Reload = () => options.OverlayOn(Load(sources));
        return options;
    }

    /// <summary>Reads the settings from a configuration section with Convoy's keys, for example <c>configuration.GetSection("redis")</c>.</summary>
    /// <param name="section">The section; keys may also be written as these properties are.</param>
    public static ConvoyRedisOptions Load(IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var options = new ConvoyRedisOptions();
        options.LoadFrom(section);
        options.Reload = () => options.OverlayOn(Load(section));
        return options;
    }

    /// <summary>
    /// Reads <c>redis://</c>, <c>rediss://</c> or <c>redis-sentinel://user:pass@s1:26379,s2/db?master=mymaster</c>; further parameters are
    /// named as in convoy.json. User and password are percent-encoded.
    /// </summary>
    /// <param name="uri">The URI.</param>
    /// <exception cref="FormatException">It is none; the message never shows the password.</exception>
    public static ConvoyRedisOptions Parse(string uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        var options = new ConvoyRedisOptions();
        UriText.Read(uri, "the URI", options.Values.Write, problem => throw new FormatException(problem));
        return options;
    }

    /// <summary>Understands the settings. It touches neither disk nor network.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong; <see cref="OptionsValidationException.Failures"/> holds every problem.</exception>
    public ConvoyRedisTarget Resolve()
    {
        var problems = Check(out var target);
        return problems.Count == 0
            ? target!
            : throw new OptionsValidationException(Options.DefaultName, typeof(ConvoyRedisOptions), problems);
    }

    /// <summary>The settings that have been given, and where; secrets masked.</summary>
    public IReadOnlyList<ConvoyRedisSetting> Describe() =>
    [
        .. from setting in Settings.All
           let value = Values[setting]
           where value is not null
           select new ConvoyRedisSetting(setting.Key, Shown(setting, value), value.Source),
    ];

    /// <summary>The settings that have been given; secrets masked.</summary>
    public override string ToString() => string.Join(", ", Describe().Select(setting => $"{setting.Name}={setting.Value}"));

    internal void LoadFrom(ConvoyRedisSources sources)
    {
        if (sources.ConvoyJsonPath is { } path)
            JsonFileSource.Read(Values, path, sources.ConvoyJsonRequired);
        EnvironmentSource.Read(Values, sources.Environment ?? EnvironmentSource.OfProcess());
        FlagSource.Read(Values, sources.Args);
    }

    internal void LoadFrom(IConfiguration section)
    {
        var path = section is IConfigurationSection { Path: { Length: > 0 } named } ? named + ":" : "";
        SectionSource.Read(Values, section, key => $"{path}{key} (configuration)", SectionSource.DotNetKey);
    }

    internal IReadOnlyList<string> Check(out ConvoyRedisTarget? target)
    {
        var reader = new SettingReader(Values);
        target = reader.Resolve();
        return reader.Problems;
    }

    private static string Shown(Setting setting, SettingValue value) =>
        setting.IsSecret ? value.Text.Length > 0 ? Redaction.Mask : "" : Redaction.Quote(value.Text)[1..^1];

    private string? Text(Setting setting) => Values[setting]?.Text;

    private TimeSpan Duration(Setting setting) => Parsed(setting, GoText.Duration)!.Value;

    // What was written; where that is wrong or nothing, the default.
    private T? Parsed<T>(Setting setting, Func<string, T?> parse)
        where T : struct =>
        (Text(setting) is { } text ? parse(text) : null) ?? (setting.Default is { } otherwise ? parse(otherwise) : null);

    private ConvoyRedisOptions OverlayOn(ConvoyRedisOptions loaded)
    {
        foreach (var setting in _setByCode)
            loaded.Set(setting, Text(setting));
        return loaded;
    }

    private void Set(Setting setting, object? value)
    {
        _setByCode.Add(setting);
        if (SettingText.Write(value) is { } text)
            Values.Write(setting, text, $"{setting.Property} (code)");
        else
            Values.Clear(setting);
    }
}
