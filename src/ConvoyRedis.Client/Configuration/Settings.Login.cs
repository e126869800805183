using System.Diagnostics;
using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client;

// How the servers are logged in to.
public sealed partial class ConvoyRedisOptions
{
    /// <summary>The ACL user on the data nodes.</summary>
    /// <value>The default value is null: Redis's default user.</value>
    public string? Username { get => Text(Settings.Username); set => Set(Settings.Username, value); }

    /// <summary>The password on the data nodes; sent unchanged.</summary>
    /// <value>The default value is null: none.</value>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? Password { get => Text(Settings.Password); set => Set(Settings.Password, value); }

    /// <summary>The ACL user on the sentinels.</summary>
    /// <value>The default value is null: Redis's default user.</value>
    public string? SentinelUsername { get => Text(Settings.SentinelUsername); set => Set(Settings.SentinelUsername, value); }

    /// <summary>The password on the sentinels; the data password is never sent to them.</summary>
    /// <value>The default value is null: none.</value>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? SentinelPassword { get => Text(Settings.SentinelPassword); set => Set(Settings.SentinelPassword, value); }
}

public sealed partial class ConvoyRedisTarget
{
    /// <summary>The ACL user on the data nodes; null is Redis's default user.</summary>
    public string? Username => Of(Settings.Username);

    /// <summary>The password on the data nodes; null when none is used.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? Password => Of(Settings.Password);

    /// <summary>The ACL user on the sentinels; null is Redis's default user.</summary>
    public string? SentinelUsername { get => Of(Settings.SentinelUsername); init => Init(Settings.SentinelUsername, value); }

    /// <summary>The password on the sentinels; never the data password.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? SentinelPassword { get => Of(Settings.SentinelPassword); init => Init(Settings.SentinelPassword, value); }
}

internal static partial class Settings
{
    public static Setting<string?> Username => new("username", nameof(ConvoyRedisOptions.Username), read => read.Text(Username))
    {
        Doc = "the ACL user on the data nodes",
        Example = "orders",
        IsConvoys = true,
        DefaultDoc = "Redis's default user",
        Flag = "--redis-username",
        EmptyClears = true,
        MayBeInFile = true,
        Unused = read => Alone(read, Password),
        Change = ChangeEffect.Credentials,
        SeparatesMonitors = true,
    };

    public static Setting<string?> Password => new("password", nameof(ConvoyRedisOptions.Password), read => read.Text(Password))
    {
        Doc = "the password on the data nodes; sent unchanged",
        Example = "your_redis_password",
        IsConvoys = true,
        Flag = "--redis-password",
        EmptyClears = true,
        MayBeInFile = true,
        IsSecret = true,
        Change = ChangeEffect.Credentials,
        SeparatesMonitors = true,
    };

    public static Setting<string?> SentinelUsername =>
        new("sentinel_username", nameof(ConvoyRedisOptions.SentinelUsername), read => read.Text(SentinelUsername))
        {
            Doc = "the ACL user on the sentinels",
            Example = "orders",
            IsConvoys = true,
            DefaultDoc = "Redis's default user",
            Flag = "--redis-sentinel-username",
            EmptyClears = true,
            MayBeInFile = true,
            Unused = read => OnlyWithSentinels(read) ?? Alone(read, SentinelPassword),
            Change = ChangeEffect.Credentials,
            SeparatesMonitors = true,
        };

    public static Setting<string?> SentinelPassword =>
        new("sentinel_password", nameof(ConvoyRedisOptions.SentinelPassword), read => read.Text(SentinelPassword))
        {
            Doc = "the password on the sentinels; the data password is never sent to them",
            Example = "your_sentinel_password",
            IsConvoys = true,
            Flag = "--redis-sentinel-password",
            EmptyClears = true,
            MayBeInFile = true,
            Unused = OnlyWithSentinels,
            IsSecret = true,
            Change = ChangeEffect.Credentials,
            SeparatesMonitors = true,
        };

    private static IReadOnlyList<Setting> OfLogin => [Username, Password, SentinelUsername, SentinelPassword];

    // go-redis sends AUTH only with a password.
    private static string? Alone(SettingReader read, Setting<string?> password) => read.Of(password) is null ? $"there is no {password.Key}, and thus no login" : null;
}
