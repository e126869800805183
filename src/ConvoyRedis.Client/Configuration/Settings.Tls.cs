using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client;

// Whether to use TLS, whom to trust, and how to identify ourselves.
public sealed partial class ConvoyRedisOptions
{
    /// <summary>Whether certificates are accepted without verification. It turns TLS on, and each connect logs a warning.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool TlsSkipVerify { get => Parsed(Settings.TlsSkipVerify, GoText.Boolean) ?? false; set => Set(Settings.TlsSkipVerify, value); }

    /// <summary>The PEM file with the client certificate, followed by intermediate certificates. It turns TLS on.</summary>
    /// <value>The default value is null: none.</value>
    public string? TlsCertFile { get => Text(Settings.TlsCertFile); set => Set(Settings.TlsCertFile, value); }

    /// <summary>The PEM file with the client certificate's key.</summary>
    /// <value>The default value is null: none.</value>
    public string? TlsKeyFile { get => Text(Settings.TlsKeyFile); set => Set(Settings.TlsKeyFile, value); }

    /// <summary>The PEM file with the certificate authorities to trust instead of the system's. It turns TLS on.</summary>
    /// <value>The default value is null: the system's.</value>
    public string? TlsCaCertFile { get => Text(Settings.TlsCaCertFile); set => Set(Settings.TlsCaCertFile, value); }

    /// <summary>
    /// Whether to use TLS to the data nodes. Set it for TLS with the system's authorities under <c>redis-sentinel</c>, or for TLS on one side only.
    /// </summary>
    /// <value>The default value is null: Convoy's rule, which is TLS under <c>rediss</c> or if another TLS setting is set.</value>
    public bool? Tls { get => Parsed(Settings.Tls, GoText.Boolean); set => Set(Settings.Tls, value); }

    /// <summary>Whether to use TLS to the sentinels.</summary>
    /// <value>The default value is null: the same as <see cref="Tls"/>.</value>
    public bool? SentinelTls { get => Parsed(Settings.SentinelTls, GoText.Boolean); set => Set(Settings.SentinelTls, value); }

    /// <summary>The name that certificates must contain, instead of the host that is dialled or announced.</summary>
    /// <value>The default value is null: that host.</value>
    public string? TlsServerName { get => Text(Settings.TlsServerName); set => Set(Settings.TlsServerName, value); }
}

public sealed partial class ConvoyRedisTarget
{
    /// <summary>Whether to use TLS to the data nodes.</summary>
    public bool Tls { get => Of(Settings.Tls); init => Init(Settings.Tls, value); }

    /// <summary>Whether to use TLS to the sentinels.</summary>
    public bool SentinelTls { get => Of(Settings.SentinelTls); init => Init(Settings.SentinelTls, value); }

    /// <summary>Whether certificates are accepted without verification.</summary>
    public bool TlsSkipVerify { get => Of(Settings.TlsSkipVerify); init => Init(Settings.TlsSkipVerify, value); }

    /// <summary>The name that certificates must contain, instead of the host that is dialled; null to use that host.</summary>
    public string? TlsServerName { get => Of(Settings.TlsServerName); init => Init(Settings.TlsServerName, value); }

    /// <summary>The PEM file with the client certificate, or null.</summary>
    public string? TlsCertFile { get => Of(Settings.TlsCertFile); init => Init(Settings.TlsCertFile, value); }

    /// <summary>The PEM file with the client certificate's key, or null.</summary>
    public string? TlsKeyFile { get => Of(Settings.TlsKeyFile); init => Init(Settings.TlsKeyFile, value); }

    /// <summary>The PEM file with the certificate authorities to trust instead of the system's, or null.</summary>
    public string? TlsCaCertFile { get => Of(Settings.TlsCaCertFile); init => Init(Settings.TlsCaCertFile, value); }
}

internal static partial class Settings
{
    public static Setting<bool> TlsSkipVerify =>
        new("tls_skip_verify", nameof(ConvoyRedisOptions.TlsSkipVerify), read => read.Boolean(TlsSkipVerify) ?? false)
        {
            Doc = "accept any certificate; each connect logs a warning",
            Default = "false",
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    public static Setting<string?> TlsCertFile =>
        new("tls_cert_file", nameof(ConvoyRedisOptions.TlsCertFile), read => ReadPaired(read, TlsCertFile, TlsKeyFile))
        {
            Doc = "the client certificate (PEM)",
            IsText = true,
            IsFile = true,
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    public static Setting<string?> TlsKeyFile =>
        new("tls_key_file", nameof(ConvoyRedisOptions.TlsKeyFile), read => ReadPaired(read, TlsKeyFile, TlsCertFile))
        {
            Doc = "the client certificate's key (PEM)",
            IsText = true,
            IsFile = true,
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    public static Setting<string?> TlsCaCertFile =>
        new("tls_ca_cert_file", nameof(ConvoyRedisOptions.TlsCaCertFile), read => read.Text(TlsCaCertFile))
        {
            Doc = "the certificate authorities to trust (PEM)",
            DefaultDoc = "the system's",
            IsText = true,
            IsFile = true,
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    public static Setting<bool> Tls => new("tls", nameof(ConvoyRedisOptions.Tls), ReadTls)
    {
        Doc = "whether to use TLS to the data nodes",
        DefaultDoc = "from `scheme` and the other `tls_…` settings",
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
    };

    public static Setting<bool> SentinelTls => new("sentinel_tls", nameof(ConvoyRedisOptions.SentinelTls), ReadSentinelTls)
    {
        Doc = "whether to use TLS to the sentinels",
        DefaultDoc = "same as `tls`",
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
    };

    public static Setting<string?> TlsServerName =>
        new("tls_server_name", nameof(ConvoyRedisOptions.TlsServerName), read => read.Text(TlsServerName))
        {
            Doc = "the name that certificates must contain",
            IsText = true,
            DefaultDoc = "the host that is dialled or announced; for a cluster node known by its address, a configured host name is accepted too",
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    private static IReadOnlyList<Setting> OfTls => [TlsSkipVerify, TlsCertFile, TlsKeyFile, TlsCaCertFile, Tls, SentinelTls, TlsServerName];

    private static string? ReadPaired(SettingReader read, Setting setting, Setting other)
    {
        var value = read.Value(setting);
        if (value is not null && read.Value(other) is null)
            read.Wrong($"{value.Source} is given without {other}.");
        return value?.Text;
    }

    // Convoy: rediss is TLS, and so is any scheme with a CA file, a client certificate or tls_skip_verify.
    private static bool ReadTls(SettingReader read)
    {
        var isTlsScheme = WrittenScheme(read) == Schemes.RedisTls;
        var isImplied = isTlsScheme || read.Of(TlsCertFile) is not null || read.Of(TlsCaCertFile) is not null || read.Of(TlsSkipVerify);
        var tls = read.Boolean(Tls);
        if (tls == false && isTlsScheme)
            read.Wrong(read.Value(Tls)!, "contradicts the scheme rediss, which means TLS.");
        else if (tls == false && isImplied && !(IsSentinel(read) && read.Boolean(SentinelTls) != false))
            read.Wrong(read.Value(Tls)!, "contradicts the other TLS settings, which would have no effect.");
        return tls ?? isImplied;
    }

    private static bool ReadSentinelTls(SettingReader read)
    {
        var tls = read.Boolean(SentinelTls);
        return IsSentinel(read) && (tls ?? read.Of(Tls));
    }
}
