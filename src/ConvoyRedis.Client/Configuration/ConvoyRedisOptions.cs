using System.Diagnostics;
using System.Globalization;
using ConvoyRedis.Client.Configuration;
using ConvoyRedis.Client.Configuration.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client;

/// <summary>
/// The settings of one connection, named as in the <c>redis</c> section of convoy.json. What a property is set to by code wins over what was
/// loaded. Wrong values are kept as they are written, and reported all at once by <see cref="Resolve"/>.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class ConvoyRedisOptions
{
    private readonly HashSet<Setting> _setByCode = [];

    /// <summary>The scheme: <c>redis</c>, <c>rediss</c> (TLS) or <c>redis-sentinel</c>, in any case.</summary>
    /// <value>The default value is <c>redis</c>.</value>
    public string? Scheme { get => Text(Settings.Scheme); set => Set(Settings.Scheme, value); }

    /// <summary>One host, or several separated by commas; each may carry its own port. With sentinels, theirs.</summary>
    /// <value>The default value is <c>localhost</c>.</value>
    public string? Host { get => Text(Settings.Host); set => Set(Settings.Host, value); }

    /// <summary>The port of hosts and addresses that carry none, 1 to 65535.</summary>
    /// <value>The default value is 6379, or 26379 under <c>redis-sentinel</c>; null stands for it.</value>
    public int? Port
    {
        get => Text(Settings.Port) is { } text ? AddressList.Port(text) : null;
        set => Set(Settings.Port, value?.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The ACL user on the data nodes.</summary>
    /// <value>The default value is null: Redis's default user.</value>
    public string? Username { get => Text(Settings.Username); set => Set(Settings.Username, value); }

    /// <summary>The password on the data nodes, taken byte for byte.</summary>
    /// <value>The default value is null: none.</value>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? Password { get => Text(Settings.Password); set => Set(Settings.Password, value); }

    /// <summary>The database of commands that name none; 0 only on a cluster.</summary>
    /// <value>The default value is 0.</value>
    public int Database
    {
        get => int.TryParse(Text(Settings.Database), NumberStyles.None, CultureInfo.InvariantCulture, out var database) ? database : 0;
        set => Set(Settings.Database, value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Addresses separated by commas, which win over <see cref="Host"/> and <see cref="Port"/>: sentinels, or the nodes of a cluster when there are
    /// several; or one URL.
    /// </summary>
    /// <value>The default value is null.</value>
    public string? Addresses { get => Text(Settings.Addresses); set => Set(Settings.Addresses, value); }

    /// <summary>The name after <c>sentinel monitor</c> in sentinel.conf; required under <c>redis-sentinel</c>.</summary>
    /// <value>The default value is null.</value>
    public string? MasterName { get => Text(Settings.MasterName); set => Set(Settings.MasterName, value); }

    /// <summary>The ACL user on the sentinels.</summary>
    /// <value>The default value is null: Redis's default user.</value>
    public string? SentinelUsername { get => Text(Settings.SentinelUsername); set => Set(Settings.SentinelUsername, value); }

    /// <summary>The password on the sentinels; the data password is never offered to them.</summary>
    /// <value>The default value is null: none.</value>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? SentinelPassword { get => Text(Settings.SentinelPassword); set => Set(Settings.SentinelPassword, value); }

    /// <summary>Whether certificates are accepted without verification. It turns TLS on, and each connect logs a warning.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool TlsSkipVerify { get => Boolean(Settings.TlsSkipVerify) ?? false; set => Set(Settings.TlsSkipVerify, Write(value)); }

    /// <summary>The PEM file with the client certificate, and the intermediates behind it. It turns TLS on.</summary>
    /// <value>The default value is null: none.</value>
    public string? TlsCertFile { get => Text(Settings.TlsCertFile); set => Set(Settings.TlsCertFile, value); }

    /// <summary>The PEM file with the client certificate's key.</summary>
    /// <value>The default value is null: none.</value>
    public string? TlsKeyFile { get => Text(Settings.TlsKeyFile); set => Set(Settings.TlsKeyFile, value); }

    /// <summary>The PEM file with the certificate authorities to trust in place of the system's. It turns TLS on.</summary>
    /// <value>The default value is null: the system's.</value>
    public string? TlsCaCertFile { get => Text(Settings.TlsCaCertFile); set => Set(Settings.TlsCaCertFile, value); }

    /// <summary>Whether data nodes are spoken to over TLS; for TLS on the system's trust under <c>redis-sentinel</c>, or on one side only.</summary>
    /// <value>The default value is null: by Convoy's rule, under <c>rediss</c> or when another TLS setting is given.</value>
    public bool? Tls { get => Boolean(Settings.Tls); set => Set(Settings.Tls, Write(value)); }

    /// <summary>Whether sentinels are spoken to over TLS.</summary>
    /// <value>The default value is null: as <see cref="Tls"/>.</value>
    public bool? SentinelTls { get => Boolean(Settings.SentinelTls); set => Set(Settings.SentinelTls, Write(value)); }

    /// <summary>The name that certificates must carry, in place of the host that is dialled or announced.</summary>
    /// <value>The default value is null: that host.</value>
    public string? TlsServerName { get => Text(Settings.TlsServerName); set => Set(Settings.TlsServerName, value); }

    /// <summary>When the connection moves to a promoted replica: <c>eager</c> or <c>announced</c>.</summary>
    /// <value>The default value is <see cref="Client.FailoverMode.Eager"/>.</value>
    public FailoverMode FailoverMode
    {
        get => TargetResolver.FailoverMode(Text(Settings.FailoverMode)) ?? FailoverMode.Eager;
        set => Set(Settings.FailoverMode, value.ToString().ToLowerInvariant());
    }

    /// <summary>How long a command, or the first connection, waits for a master.</summary>
    /// <value>The default value is 15 s, so that a failover under the guide's down-after of 10 s is ridden out.</value>
    public TimeSpan CommandTimeout { get => Duration(Settings.CommandTimeout, TargetResolver.DefaultCommandTimeout); set => Set(Settings.CommandTimeout, value); }

    /// <summary>How long dialling one node may take, TLS and login included.</summary>
    /// <value>The default value is 5 s.</value>
    public TimeSpan ConnectTimeout { get => Duration(Settings.ConnectTimeout, TargetResolver.DefaultConnectTimeout); set => Set(Settings.ConnectTimeout, value); }

    /// <summary>How long traffic may be held during a planned failover; below half of <see cref="CommandTimeout"/>.</summary>
    /// <value>The default value is 2 s.</value>
    public TimeSpan HoldDeadline { get => Duration(Settings.HoldDeadline, TargetResolver.DefaultHoldDeadline); set => Set(Settings.HoldDeadline, value); }

    /// <summary>
    /// Where announced addresses are reachable from here: <c>announced=reachable</c>, several separated by commas, for example
    /// <c>10.0.0.1:6379=127.0.0.1:7001</c>.
    /// </summary>
    /// <value>The default value is null: at themselves.</value>
    public string? AddressMap { get => Text(Settings.AddressMap); set => Set(Settings.AddressMap, value); }

    /// <summary>The name that connections carry in CLIENT LIST; no blanks.</summary>
    /// <value>The default value is null: the machine's name.</value>
    public string? ClientName { get => Text(Settings.ClientName); set => Set(Settings.ClientName, value); }

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
        var resolver = new TargetResolver(Values);
        target = resolver.Resolve();
        return resolver.Problems;
    }

    private static string Shown(Setting setting, SettingValue value) =>
        setting.IsSecret ? value.Text.Length > 0 ? Redaction.Mask : "" : Redaction.Quote(value.Text)[1..^1];

    private static string? Write(bool? value) => value switch { true => "true", false => "false", null => null };

    private string? Text(Setting setting) => Values[setting]?.Text;

    private bool? Boolean(Setting setting) => Text(setting) is { } text ? GoText.Boolean(text) : null;

    private TimeSpan Duration(Setting setting, TimeSpan otherwise) => Text(setting) is { } text ? GoText.Duration(text) ?? otherwise : otherwise;

    private void Set(Setting setting, TimeSpan value) => Set(setting, GoText.Write(value));

    private ConvoyRedisOptions OverlayOn(ConvoyRedisOptions loaded)
    {
        foreach (var setting in _setByCode)
            loaded.Set(setting, Text(setting));
        return loaded;
    }

    private void Set(Setting setting, string? text)
    {
        _setByCode.Add(setting);
        if (text is null)
            Values.Clear(setting);
        else
            Values.Write(setting, text, $"{setting.Property} (code)");
    }
}
