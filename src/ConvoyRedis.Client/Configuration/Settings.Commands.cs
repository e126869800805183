using System.Globalization;
using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client;

// How commands are sent, and how long they wait.
public sealed partial class ConvoyRedisOptions
{
    /// <summary>The database of commands that do not specify one; a cluster has only 0.</summary>
    /// <value>The default value is 0.</value>
    public int Database { get => Parsed(Settings.Database, Settings.ParseDatabase) ?? 0; set => Set(Settings.Database, value); }

    /// <summary>The name of the connections in CLIENT LIST, without spaces.</summary>
    /// <value>The default value is null: the machine's name.</value>
    public string? ClientName { get => Text(Settings.ClientName); set => Set(Settings.ClientName, value); }

    /// <summary>How long a command, or the first connection, waits for a master.</summary>
    /// <value>The default value is 15 s, longer than an outage with the <c>down-after-milliseconds 10000</c> of Convoy's guide.</value>
    public TimeSpan CommandTimeout { get => Duration(Settings.CommandTimeout); set => Set(Settings.CommandTimeout, value); }

    /// <summary>How long connecting to one node may take, including TLS and login.</summary>
    /// <value>The default value is 5 s.</value>
    public TimeSpan ConnectTimeout { get => Duration(Settings.ConnectTimeout); set => Set(Settings.ConnectTimeout, value); }

    /// <summary>How long commands may be held in a planned failover; less than half of <see cref="CommandTimeout"/>.</summary>
    /// <value>The default value is 2 s.</value>
    public TimeSpan HoldDeadline { get => Duration(Settings.HoldDeadline); set => Set(Settings.HoldDeadline, value); }

    /// <summary>When the connection moves to a promoted replica: <c>eager</c> or <c>announced</c>.</summary>
    /// <value>The default value is <see cref="Client.FailoverMode.Eager"/>.</value>
    public FailoverMode FailoverMode
    {
        get => Parsed(Settings.FailoverMode, SettingText.Parse<FailoverMode>) ?? default;
        set => Set(Settings.FailoverMode, value);
    }
}

public sealed partial class ConvoyRedisTarget
{
    /// <summary>The database that commands use, 0 by default; always 0 on a cluster.</summary>
    public int Database => Of(Settings.Database);

    /// <summary>The name of the connections in CLIENT LIST.</summary>
    public string? ClientName => Of(Settings.ClientName);

    /// <summary>How long a command, or the first connection, waits for a master.</summary>
    public TimeSpan CommandTimeout => Of(Settings.CommandTimeout);

    /// <summary>How long connecting to one node may take, including TLS and login.</summary>
    public TimeSpan ConnectTimeout { get => Of(Settings.ConnectTimeout); init => Init(Settings.ConnectTimeout, value); }

    /// <summary>How long commands may be held in a planned failover.</summary>
    public TimeSpan HoldDeadline => Of(Settings.HoldDeadline);

    /// <summary>When the connection moves to a promoted replica.</summary>
    public FailoverMode FailoverMode { get => Of(Settings.FailoverMode); init => Init(Settings.FailoverMode, value); }
}

internal static partial class Settings
{
    public static Setting<int> Database => new("database", nameof(ConvoyRedisOptions.Database), ReadDatabase)
    {
        Doc = "the database number; a cluster has only 0",
        Example = "3",
        IsConvoys = true,
        Default = "0",
        Flag = "--redis-database",
        EmptyClears = true,
        Change = ChangeEffect.Restart,
        SeparatesMonitors = false,
    };

    public static Setting<string?> ClientName => new("client_name", nameof(ConvoyRedisOptions.ClientName), ReadClientName)
    {
        Doc = "the name of the connections in CLIENT LIST",
        Example = "orders-service",
        DefaultDoc = "the machine's name",
        EmptyClears = true,
        Change = ChangeEffect.Restart,
        SeparatesMonitors = false,
    };

    public static Setting<TimeSpan> CommandTimeout =>
        new("command_timeout", nameof(ConvoyRedisOptions.CommandTimeout), read => read.Duration(CommandTimeout))
        {
            Doc = "how long a command, or the first connection, waits for a master",
            Example = "5s",
            Default = "15s",
            DefaultDoc = "`15s`: longer than the 10 s of `down-after-milliseconds` in Convoy's guide",
            Change = ChangeEffect.Restart,
            SeparatesMonitors = false,
        };

    public static Setting<TimeSpan> ConnectTimeout =>
        new("connect_timeout", nameof(ConvoyRedisOptions.ConnectTimeout), read => read.Duration(ConnectTimeout))
        {
            Doc = "how long connecting to one node may take, including TLS, login and all addresses of its host name",
            Example = "500ms",
            Default = "5s",
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    public static Setting<TimeSpan> HoldDeadline => new("hold_deadline", nameof(ConvoyRedisOptions.HoldDeadline), ReadHoldDeadline)
    {
        Doc = "how long commands may be held in a planned failover; less than half of `command_timeout`",
        Example = "1s",
        Default = "2s",
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
        CheckedAgainst = CommandTimeout,
    };

    public static Setting<FailoverMode> FailoverMode => new("failover_mode", nameof(ConvoyRedisOptions.FailoverMode), read => read.OneOf<FailoverMode>(FailoverMode, "a failover mode"))
    {
        Doc = "when to move to a promoted replica: `eager`, when the replica says that it is the master; `announced`, when a sentinel says so, about 0.9 s later",
        Example = "announced",
        Default = "eager",
        Unused = OnlyWithSentinels,
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
    };

    private static IReadOnlyList<Setting> OfCommands => [Database, ClientName, CommandTimeout, ConnectTimeout, HoldDeadline, FailoverMode];

    /// <summary>Reads the number of a database; null if it is invalid.</summary>
    public static int? ParseDatabase(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var database) && database >= 0 ? database : null;

    private static int ReadDatabase(SettingReader read)
    {
        if (read.Value(Database) is not { } value)
            return 0;
        var database = ParseDatabase(value.Text);
        if (database is null)
            read.Wrong(value, $"is not a database number between 0 and {int.MaxValue}.");
        else if (database != 0 && read.Of(Scheme) == ConvoyRedisTopology.Cluster)
            read.Wrong(value, "cannot be used: several addresses mean a cluster, which has only database 0.");
        return database ?? 0;
    }

    private static string? ReadClientName(SettingReader read)
    {
        var value = read.Value(ClientName);

        // Redis: "Client names cannot contain spaces, newlines or special characters" (networking.c, validateClientName).
        if (value is not null && !value.Text.All(letter => letter is > ' ' and < '\u007f'))
            read.Wrong(value, "contains characters that Redis does not accept in a client name: spaces, control characters or non-ASCII characters.");
        return value?.Text;
    }

    private static TimeSpan ReadHoldDeadline(SettingReader read)
    {
        var commandTimeout = read.Of(CommandTimeout);
        var deadline = read.Duration(HoldDeadline, longest: TimeSpan.FromTicks((commandTimeout.Ticks / 2) - 1));
        if (deadline * 2 >= commandTimeout && read.Value(HoldDeadline) is { } value)
            read.Wrong(value, $"must be less than half of command_timeout, which is {GoText.Write(commandTimeout)}.");
        return deadline;
    }
}
