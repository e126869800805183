using System.Globalization;

namespace ConvoyRedis.Client.Configuration;

/// <summary>Finds out what the settings mean together, and everything that is wrong with them.</summary>
internal sealed class TargetResolver
{
    public static readonly TimeSpan DefaultCommandTimeout = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan DefaultHoldDeadline = TimeSpan.FromSeconds(2);

    private const string DefaultHost = "localhost";
    private const int DefaultPort = 6379;
    private const int DefaultSentinelPort = 26379;

    private readonly List<string> _problems;
    private readonly Dictionary<Setting, SettingValue> _values;
    private readonly IReadOnlyList<string> _warnings;

    public TargetResolver(SettingValues values)
    {
        _problems = [.. values.Problems];
        _warnings = [.. values.Warnings];
        _values = Settings.All.Where(setting => values[setting] is not null).ToDictionary(setting => setting, setting => values[setting]!);
    }

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Reads a failover mode; null when it is none.</summary>
    public static FailoverMode? FailoverMode(string? text) =>
        Enum.TryParse<FailoverMode>(text, ignoreCase: true, out var mode) && !int.TryParse(text, out _) ? mode : null;

    /// <summary>What the settings mean; null when something is wrong.</summary>
    public ConvoyRedisTarget? Resolve()
    {
        TakeApartUrl();
        var scheme = Scheme();
        var isSentinel = scheme == Schemes.Sentinel;
        var endpoints = Endpoints(isSentinel);
        var topology = isSentinel ? ConvoyRedisTopology.Sentinel
            : endpoints.Count > 1 ? ConvoyRedisTopology.Cluster
            : ConvoyRedisTopology.Standalone;
        var (tls, sentinelTls) = Tls(scheme, isSentinel);
        var commandTimeout = Duration(Settings.CommandTimeout, DefaultCommandTimeout);
        var target = new ConvoyRedisTarget
        {
            Topology = topology,
            Endpoints = endpoints,
            Tls = tls,
            SentinelTls = sentinelTls,
            Database = Database(topology),
            Username = Text(Settings.Username),
            Password = Text(Settings.Password),
            MasterName = isSentinel ? MasterName() : null,
            SentinelUsername = Text(Settings.SentinelUsername),
            SentinelPassword = Text(Settings.SentinelPassword),
            TlsSkipVerify = Boolean(Settings.TlsSkipVerify) ?? false,
            TlsServerName = Text(Settings.TlsServerName),
            TlsCertFile = Text(Settings.TlsCertFile),
            TlsKeyFile = Text(Settings.TlsKeyFile),
            TlsCaCertFile = Text(Settings.TlsCaCertFile),
            FailoverMode = Mode(),
            CommandTimeout = commandTimeout,
            ConnectTimeout = Duration(Settings.ConnectTimeout, DefaultConnectTimeout),
            HoldDeadline = HoldDeadline(commandTimeout),
            AddressMap = AddressMap(),
            ClientName = ClientName(),
            Warnings = _warnings,
            Sources = _values.ToDictionary(value => value.Key.Key, value => value.Value.Source),
        };
        return _problems.Count == 0 ? target : null;
    }

    // One URL among the addresses stands for the settings that it is made of, and wins over them.
    private void TakeApartUrl()
    {
        if (!_values.TryGetValue(Settings.Addresses, out var addresses) || !addresses.Text.Contains("://", StringComparison.Ordinal))
            return;
        _values.Remove(Settings.Addresses);
        UriText.Read(
            addresses.Text.Trim(' ', ','),
            addresses.Source,
            (setting, text, source) => _values[setting] = new SettingValue(text, source),
            _problems.Add);
    }

    private string Scheme()
    {
        if (Value(Settings.Scheme) is not { } value)
            return Schemes.Redis;
        var scheme = value.Text.Trim().ToLowerInvariant();
        if (!Schemes.All.Contains(scheme))
            Wrong(value, $"is not a scheme; it must be {Schemes.List()}.");
        return scheme;
    }

    private IReadOnlyList<ConvoyRedisEndpoint> Endpoints(bool isSentinel)
    {
        var port = Port() ?? (isSentinel ? DefaultSentinelPort : DefaultPort);
        var value = Value(Settings.Addresses) ?? _values.GetValueOrDefault(Settings.Host);
        if (value is null)
            return [new ConvoyRedisEndpoint(DefaultHost, port)];
        var problems = _problems.Count;
        var endpoints = AddressList.Parse(value.Text, port, problem => _problems.Add($"{value.Source}: {problem}"));
        if (endpoints.Count == 0 && _problems.Count == problems)
            _problems.Add($"{value.Source} names no host{(isSentinel ? "; under redis-sentinel it names the sentinels" : "")}.");
        return endpoints;
    }

    private int? Port()
    {
        if (Value(Settings.Port) is not { } value)
            return null;
        if (AddressList.Port(value.Text) is { } port)
            return port;
        Wrong(value, "is not a port number between 1 and 65535."
            + (value.Text.StartsWith("tcp://", StringComparison.Ordinal)
                ? " Kubernetes sets this variable for a Service named convoy-redis (service links): set enableServiceLinks: false in the pod's"
                    + " spec, or name the Service otherwise."
                : ""));
        return null;
    }

    private int Database(ConvoyRedisTopology topology)
    {
        if (Value(Settings.Database) is not { } value)
            return 0;
        if (!int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var database))
            Wrong(value, "is not the number of a database.");
        else if (database != 0 && topology == ConvoyRedisTopology.Cluster)
            Wrong(value, "cannot be used: a cluster has database 0 alone, and several addresses make a cluster.");
        return database;
    }

    private string? MasterName()
    {
        if (Value(Settings.MasterName)?.Text.Trim() is { Length: > 0 } name)
            return name;
        _problems.Add($"{Settings.MasterName.Variable} (environment) or {Settings.MasterName.Key} in convoy.json is missing: under "
            + "redis-sentinel it is the name after 'sentinel monitor' in sentinel.conf.");
        return null;
    }

    // Convoy: rediss is TLS, and so is any scheme with a CA file, a client certificate or tls_skip_verify.
    private (bool Data, bool Sentinels) Tls(string scheme, bool isSentinel)
    {
        var certificate = Value(Settings.TlsCertFile);
        var key = Value(Settings.TlsKeyFile);
        if (certificate is not null && key is null)
            _problems.Add($"{certificate.Source} is given without {Settings.TlsKeyFile}.");
        if (certificate is null && key is not null)
            _problems.Add($"{key.Source} is given without {Settings.TlsCertFile}.");

        var implied = scheme == Schemes.RedisTls || certificate is not null || Value(Settings.TlsCaCertFile) is not null
            || Boolean(Settings.TlsSkipVerify) == true;
        var data = Boolean(Settings.Tls);
        var sentinels = Boolean(Settings.SentinelTls);
        if (data == false && scheme == Schemes.RedisTls)
            Wrong(Value(Settings.Tls)!, "contradicts the scheme rediss, which means TLS.");
        else if (data == false && implied && !(isSentinel && sentinels != false))
            Wrong(Value(Settings.Tls)!, "contradicts the other TLS settings, which would have no effect.");
        return (data ?? implied, isSentinel && (sentinels ?? data ?? implied));
    }

    private FailoverMode Mode()
    {
        if (Value(Settings.FailoverMode) is not { } value)
            return Client.FailoverMode.Eager;
        var mode = FailoverMode(value.Text);
        if (mode is null)
            Wrong(value, "is not a failover mode; it must be eager or announced.");
        return mode ?? Client.FailoverMode.Eager;
    }

    private TimeSpan HoldDeadline(TimeSpan commandTimeout)
    {
        var deadline = Duration(Settings.HoldDeadline, TimeSpan.FromTicks(Math.Min(DefaultHoldDeadline.Ticks, (commandTimeout.Ticks / 2) - 1)));
        if (deadline * 2 >= commandTimeout && Value(Settings.HoldDeadline) is { } value)
            Wrong(value, $"must be below half of command_timeout, which is {GoText.Write(commandTimeout)}.");
        return deadline;
    }

    private TimeSpan Duration(Setting setting, TimeSpan otherwise)
    {
        if (Value(setting) is not { } value)
            return otherwise;
        if (GoText.Duration(value.Text) is { } duration && duration.TotalMilliseconds is >= 1 and <= int.MaxValue)
            return duration;
        Wrong(value, $"is not {GoText.DurationForm}, of 1ms at least.");
        return otherwise;
    }

    private Dictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint> AddressMap()
    {
        var map = new Dictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint>();
        if (Value(Settings.AddressMap) is not { } value)
            return map;
        void Problem(string problem) => _problems.Add($"{value.Source}: {problem}");
        if (value.Text.Contains('@', StringComparison.Ordinal))
        {
            Wrong(value, "is not a list of announced=reachable.");
            return map;
        }

        foreach (var item in value.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = item.Split('=', StringSplitOptions.TrimEntries);
            if (pair.Length != 2)
                Problem($"'{item}' is not announced=reachable, such as 10.0.0.1:6379=127.0.0.1:7001.");
            else
                Map(pair[0], pair[1], map, Problem);
        }

        return map;
    }

    private static void Map(
        string from, string to, Dictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint> map, Action<string> problem)
    {
        var announced = AddressList.ParseOne(from, DefaultPort, problem);
        var reachable = AddressList.ParseOne(to, DefaultPort, problem);
        if (announced is not null && reachable is not null && !map.TryAdd(announced.Value, reachable.Value))
            problem($"{announced} is mapped twice.");
    }

    private string? ClientName()
    {
        var value = Value(Settings.ClientName);

        // Redis: "Client names cannot contain spaces, newlines or special characters" (networking.c, validateClientName).
        if (value is not null && !value.Text.All(letter => letter is > ' ' and < '\u007f'))
            Wrong(value, "has characters that Redis does not accept in a client's name: blanks, control characters or others than ASCII.");
        return value?.Text;
    }

    private bool? Boolean(Setting setting)
    {
        if (Value(setting) is not { } value)
            return null;
        var boolean = GoText.Boolean(value.Text);
        if (boolean is null)
            Wrong(value, "is not a boolean: true, false, 1, 0, t or f.");
        return boolean;
    }

    private void Wrong(SettingValue value, string what)
    {
        var problem = $"{value.Source}: {Redaction.Quote(value.Text)} {what}";
        if (!_problems.Contains(problem))
            _problems.Add(problem);
    }

    private string? Text(Setting setting) => Value(setting)?.Text;

    // An empty text is one that has been cleared.
    private SettingValue? Value(Setting setting) => _values.TryGetValue(setting, out var value) && value.Text.Length > 0 ? value : null;
}
