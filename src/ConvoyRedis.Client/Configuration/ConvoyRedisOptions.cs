using System.Diagnostics;
using ConvoyRedis.Client.Configuration;
using ConvoyRedis.Client.Configuration.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>
/// The settings of one connection, named as in the <c>redis</c> section of convoy.json. Values that code sets override loaded ones. A wrong value is
/// kept as it was written until <see cref="Resolve"/> reports all wrong values at once.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
// The properties are beside the declarations of the settings, in Settings.*.cs.
public sealed partial class ConvoyRedisOptions
{
    /// <summary>
    /// Sets options of StackExchange.Redis that are not settings of Convoy: <c>AllowAdmin</c>, <c>ChannelPrefix</c>, <c>ConfigCheckSeconds</c>,
    /// <c>DefaultVersion</c>, <c>HeartbeatConsistencyChecks</c>, <c>IncludeDetailInExceptions</c>, <c>IncludePerformanceCountersInExceptions</c>,
    /// <c>KeepAlive</c>, <c>LibraryName</c>, <c>RequestBufferPool</c>, <c>ResponseBufferPool</c> and <c>SetClientLibrary</c>. Any other option is an
    /// error: <see cref="Resolve"/> reports it, and what to use instead. Only code can set this. The action is called when the settings are resolved
    /// and when a connection is opened; a change affects new connections only.
    /// </summary>
    /// <value>The default value is null.</value>
    public Action<ConfigurationOptions>? ConfigureMultiplexer { get; set; }

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal SettingValues Values { get; } = new();

    /// <summary>Reads the settings again from their sources and applies the values set by code; null if they come from code only.</summary>
    internal Func<ConvoyRedisOptions>? Reload { get; private set; }

    /// <summary>Reads the settings from convoy.json, the environment and, if given, command-line arguments.</summary>
    /// <param name="sources">Where to read; null for ./convoy.json and the process's environment.</param>
    /// <returns>The settings as they were written; <see cref="Resolve"/> reports what is wrong with them.</returns>
    public static ConvoyRedisOptions Load(ConvoyRedisSources? sources = null)
    {
        var options = new ConvoyRedisOptions();
        options.LoadFrom(sources ?? new ConvoyRedisSources());
        options.Reload = () => options.OverlayOn(Load(sources));
        return options;
    }

    /// <summary>Reads the settings from a configuration section with Convoy's keys, for example <c>configuration.GetSection("redis")</c>.</summary>
    /// <param name="section">The section; keys may also be written like these properties.</param>
    public static ConvoyRedisOptions Load(IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var options = new ConvoyRedisOptions();
        options.LoadFrom(section);
        options.Reload = () => options.OverlayOn(Load(section));
        return options;
    }

    /// <summary>
    /// Reads <c>redis://</c>, <c>rediss://</c>, <c>redis-sentinel://user:pass@s1:26379,s2/db?master=mymaster</c> or <c>unix:///path</c>; further
    /// parameters have the names of convoy.json, or of go-redis. User and password are percent-encoded.
    /// </summary>
    /// <param name="uri">The URI.</param>
    /// <exception cref="FormatException">The URI is invalid; the message never shows the password.</exception>
    public static ConvoyRedisOptions Parse(string uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        var options = new ConvoyRedisOptions();
        var parts = UriText.Read(uri, "the URI", problem => throw new FormatException(problem), options.Values.AddWarning);
        foreach (var (setting, text) in parts!)
            options.Values.Write(setting, text, $"{setting.Key} in the URI");
        return options;
    }

    /// <summary>Validates the settings as a whole and returns the result. It accesses neither disk nor network.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong; <see cref="OptionsValidationException.Failures"/> lists every problem, and then the warnings.</exception>
    public ConvoyRedisTarget Resolve()
    {
        var reader = new SettingReader(Values);
        return reader.Resolve(ConfigureMultiplexer) ?? throw new OptionsValidationException(Options.DefaultName, typeof(ConvoyRedisOptions), reader.WithWarnings(reader.Problems));
    }

    /// <summary>The settings that were set, with their sources; secrets are masked.</summary>
    public IReadOnlyList<ConvoyRedisSetting> Describe() =>
    [
        .. from setting in Settings.All
           let value = Values[setting]
           where value is not null
           select new ConvoyRedisSetting(setting.Key, Shown(setting, value), value.Source),
    ];

    /// <summary>The settings that were set; secrets are masked.</summary>
    public override string ToString() => string.Join(", ", Describe().Select(setting => $"{setting.Name}={setting.Value}"));

    internal void LoadFrom(ConvoyRedisSources sources)
    {
        var named = FlagSource.ConfigPath(Values, sources.Args);
        var isThere = (named ?? sources.ConvoyJsonPath) is not { } path || JsonFileSource.Read(Values, path, sources.ConvoyJsonRequired);
        if (!isThere && named is not null && !sources.ConvoyJsonRequired)
            Values.AddWarning($"{FlagSource.Source(FlagSource.ConfigFlag)}: {Redaction.Quote(named)[1..^1]} does not exist.");
        EnvironmentSource.Read(Values, sources.Environment ?? EnvironmentSource.OfProcess());
        FlagSource.Read(Values, sources.Args);
    }

    internal void LoadFrom(IConfiguration section) => SectionSource.Read(Values, section);

    private static string Shown(Setting setting, SettingValue value) =>
        setting.IsSecret ? value.Text.Length > 0 ? Redaction.Mask : "" : Redaction.Quote(value.Text)[1..^1];

    private string? Text(Setting setting) => Values[setting]?.Text;

    private TimeSpan Duration(Setting setting) => Parsed(setting, GoText.Duration)!.Value;

    // The written value, or the default if that is wrong or missing.
    private T? Parsed<T>(Setting setting, Func<string, T?> parse)
        where T : struct =>
        (Text(setting) is { } text ? parse(text) : null) ?? (setting.Default is { } otherwise ? parse(otherwise) : null);

    private ConvoyRedisOptions OverlayOn(ConvoyRedisOptions loaded)
    {
        foreach (var setting in Values.SetByCode)
            loaded.Set(setting, Text(setting));
        loaded.ConfigureMultiplexer = ConfigureMultiplexer;
        return loaded;
    }

    private void Set(Setting setting, object? value) => Values.WriteByCode(setting, SettingText.Write(value));
}
