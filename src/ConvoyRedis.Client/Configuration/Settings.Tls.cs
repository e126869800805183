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
    /// <value>The default value is null: TLS is used under <c>rediss</c>, or if another TLS setting is set, as Convoy does.</value>
    public bool? Tls { get => Parsed(Settings.Tls, GoText.Boolean); set => Set(Settings.Tls, value); }

    /// <summary>Whether to use TLS to the sentinels.</summary>
    /// <value>The default value is null: the same as <see cref="Tls"/>.</value>
    public bool? SentinelTls { get => Parsed(Settings.SentinelTls, GoText.Boolean); set => Set(Settings.SentinelTls, value); }

    /// <summary>The name that certificates must contain, instead of the host that is dialled or announced.</summary>
    /// <value>The default value is null: that host.</value>
    public string? TlsServerName { get => Text(Settings.TlsServerName); set => Set(Settings.TlsServerName, value); }

    /// <summary>The PEM file with the certificate authorities to trust for the sentinels. It turns TLS to them on.</summary>
    /// <value>The default value is null: the same as <see cref="TlsCaCertFile"/>.</value>
    public string? SentinelTlsCaCertFile { get => Text(Settings.SentinelTlsCaCertFile); set => Set(Settings.SentinelTlsCaCertFile, value); }

    /// <summary>The PEM file with the client certificate for the sentinels, followed by intermediate certificates. It turns TLS to them on.</summary>
    /// <value>The default value is null: the same as <see cref="TlsCertFile"/>.</value>
    public string? SentinelTlsCertFile { get => Text(Settings.SentinelTlsCertFile); set => Set(Settings.SentinelTlsCertFile, value); }

    /// <summary>The PEM file with the key of the client certificate for the sentinels.</summary>
    /// <value>The default value is null: the same as <see cref="TlsKeyFile"/>.</value>
    public string? SentinelTlsKeyFile { get => Text(Settings.SentinelTlsKeyFile); set => Set(Settings.SentinelTlsKeyFile, value); }

    /// <summary>The name that the certificates of the sentinels must contain.</summary>
    /// <value>The default value is null: the same as <see cref="TlsServerName"/>.</value>
    public string? SentinelTlsServerName { get => Text(Settings.SentinelTlsServerName); set => Set(Settings.SentinelTlsServerName, value); }
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

    /// <summary>The PEM file with the certificate authorities to trust for the sentinels instead of the system's, or null.</summary>
    public string? SentinelTlsCaCertFile { get => Of(Settings.SentinelTlsCaCertFile); init => Init(Settings.SentinelTlsCaCertFile, value); }

    /// <summary>The PEM file with the client certificate for the sentinels, or null.</summary>
    public string? SentinelTlsCertFile { get => Of(Settings.SentinelTlsCertFile); init => Init(Settings.SentinelTlsCertFile, value); }

    /// <summary>The PEM file with the key of the client certificate for the sentinels, or null.</summary>
    public string? SentinelTlsKeyFile { get => Of(Settings.SentinelTlsKeyFile); init => Init(Settings.SentinelTlsKeyFile, value); }

    /// <summary>The name that the certificates of the sentinels must contain, instead of the host that is dialled; null to use that host.</summary>
    public string? SentinelTlsServerName { get => Of(Settings.SentinelTlsServerName); init => Init(Settings.SentinelTlsServerName, value); }
}

internal static partial class Settings
{
    public static Setting<bool> TlsSkipVerify =>
        new("tls_skip_verify", nameof(ConvoyRedisOptions.TlsSkipVerify), read => read.Boolean(TlsSkipVerify) ?? false)
        {
            Doc = "accept any certificate; each connect logs a warning",
            Example = "true",
            IsConvoys = true,
            Default = "false",
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    public static Setting<string?> TlsCertFile =>
        new("tls_cert_file", nameof(ConvoyRedisOptions.TlsCertFile), read => ReadPaired(read, TlsCertFile, TlsKeyFile))
        {
            Doc = "the client certificate (PEM)",
            Example = "/etc/redis/client.pem",
            IsConvoys = true,
            EmptyClears = true,
            IsFile = true,
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    public static Setting<string?> TlsKeyFile =>
        new("tls_key_file", nameof(ConvoyRedisOptions.TlsKeyFile), read => ReadPaired(read, TlsKeyFile, TlsCertFile))
        {
            Doc = "the client certificate's key (PEM)",
            Example = "/etc/redis/client.key",
            IsConvoys = true,
            EmptyClears = true,
            IsFile = true,
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    public static Setting<string?> TlsCaCertFile =>
        new("tls_ca_cert_file", nameof(ConvoyRedisOptions.TlsCaCertFile), read => read.Text(TlsCaCertFile))
        {
            Doc = "the certificate authorities to trust (PEM)",
            Example = "/etc/redis/ca.pem",
            IsConvoys = true,
            DefaultDoc = "the system's",
            Unused = read => AcceptsAny(read)
                ?? (!read.Of(Tls) && read.Value(SentinelTlsCaCertFile) is not null ? "TLS to the nodes is not used, and the sentinels have their own" : null),
            EmptyClears = true,
            IsFile = true,
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    public static Setting<bool> Tls => new("tls", nameof(ConvoyRedisOptions.Tls), ReadTls)
    {
        Doc = "whether to use TLS to the data nodes",
        Example = "true",
        DefaultDoc = "from `scheme` and the other `tls_…` settings",
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
    };

    public static Setting<bool> SentinelTls => new("sentinel_tls", nameof(ConvoyRedisOptions.SentinelTls), ReadSentinelTls)
    {
        Doc = "whether to use TLS to the sentinels",
        Example = "false",
        DefaultDoc = "same as `tls`",
        Unused = OnlyWithSentinels,
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
    };

    public static Setting<string?> TlsServerName =>
        new("tls_server_name", nameof(ConvoyRedisOptions.TlsServerName), read => read.Text(TlsServerName))
        {
            Doc = "the name that certificates must contain",
            Example = "redis.example.com",
            EmptyClears = true,
            Unused = read => read.Of(Tls) || read.Of(SentinelTls) ? null : "TLS is not used",
            DefaultDoc = "the host that is dialled or announced; for a cluster node known by its address, a configured host name is accepted too",
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    public static Setting<string?> SentinelTlsCaCertFile => OfSentinels(
        TlsCaCertFile, nameof(ConvoyRedisOptions.SentinelTlsCaCertFile), read => read.Text(SentinelTlsCaCertFile), AcceptsAny);

    public static Setting<string?> SentinelTlsCertFile => OfSentinels(
        TlsCertFile, nameof(ConvoyRedisOptions.SentinelTlsCertFile), read => ReadPaired(read, SentinelTlsCertFile, SentinelTlsKeyFile));

    public static Setting<string?> SentinelTlsKeyFile => OfSentinels(
        TlsKeyFile, nameof(ConvoyRedisOptions.SentinelTlsKeyFile), read => ReadPaired(read, SentinelTlsKeyFile, SentinelTlsCertFile));

    public static Setting<string?> SentinelTlsServerName => OfSentinels(
        TlsServerName, nameof(ConvoyRedisOptions.SentinelTlsServerName), read => read.Text(SentinelTlsServerName));

    private static IReadOnlyList<Setting> OfTls =>
    [
        TlsSkipVerify, TlsCertFile, TlsKeyFile, TlsCaCertFile, Tls, SentinelTls, TlsServerName,
        SentinelTlsCaCertFile, SentinelTlsCertFile, SentinelTlsKeyFile, SentinelTlsServerName,
    ];

    // The same for the sentinels alone; what they do not have of their own is that of the nodes.
    private static Setting<string?> OfSentinels(
        Setting<string?> common, string property, Func<SettingReader, string?> own, Func<SettingReader, string?>? unused = null) =>
        new($"sentinel_{common.Key}", property, read => own(read) ?? (IsSentinel(read) ? read.Of(common) : null))
        {
            Doc = $"{common.Doc}, for the sentinels",
            Example = common.Example.Replace("redis", "sentinel", StringComparison.Ordinal),
            DefaultDoc = $"same as `{common.Key}`",
            EmptyClears = true,
            IsFile = common.IsFile,
            Unused = read => OnlyWithSentinels(read) ?? (read.Of(SentinelTls) ? unused?.Invoke(read) : "TLS to the sentinels is not used"),
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    private static string? AcceptsAny(SettingReader read) => read.Of(TlsSkipVerify) ? "tls_skip_verify accepts any certificate" : null;

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
        else if (tls == false && isImplied && SentinelTlsByItself(read) != true)
            read.Wrong(read.Value(Tls)!, "contradicts the other TLS settings, which would have no effect.");
        else if ((tls ?? isImplied) && IsSocket(read))
            read.Wrong($"{read.Value(Addresses)!.Source} names a Unix socket, which has no TLS; remove the TLS settings.");
        return tls ?? isImplied;
    }

    private static bool ReadSentinelTls(SettingReader read)
    {
        var byItself = SentinelTlsByItself(read);
        return IsSentinel(read) && (byItself ?? read.Of(Tls));
    }

    // Whether TLS to the sentinels is wanted by their own settings; null when these say nothing.
    private static bool? SentinelTlsByItself(SettingReader read)
    {
        var tls = read.Boolean(SentinelTls);
        var isImplied = (read.Value(SentinelTlsCaCertFile) ?? read.Value(SentinelTlsCertFile)) is not null;
        if (!IsSentinel(read))
            return null;
        if (tls == false && isImplied)
            read.Wrong(read.Value(SentinelTls)!, "contradicts the other sentinel_tls settings, which would have no effect.");
        return tls ?? (isImplied ? true : null);
    }
}
