using System.Text;
using ConvoyRedis.Client.Configuration;
using ConvoyRedis.Client.Configuration.Sources;

namespace ConvoyRedis.Client;

// Which servers there are, and how they are reached.
public sealed partial class ConvoyRedisOptions
{
    /// <summary>The scheme: <c>redis</c>, <c>rediss</c> (TLS) or <c>redis-sentinel</c>, in any case.</summary>
    /// <value>The default value is <c>redis</c>.</value>
    public string? Scheme { get => Text(Settings.Scheme); set => Set(Settings.Scheme, value); }

    /// <summary>One host, or several separated by commas; each may have its own port. Under <c>redis-sentinel</c>, these are the sentinels.</summary>
    /// <value>The default value is <c>localhost</c>.</value>
    public string? Host { get => Text(Settings.Host); set => Set(Settings.Host, value); }

    /// <summary>The port of hosts and addresses without one, 1 to 65535.</summary>
    /// <value>The default value is null: 6379, or 26379 under <c>redis-sentinel</c>.</value>
    public int? Port { get => Parsed(Settings.Port, Settings.ParsePort); set => Set(Settings.Port, value); }

    /// <summary>
    /// Addresses separated by commas, or URLs, which are used instead of <see cref="Host"/> and <see cref="Port"/>. They are sentinels, or the nodes
    /// of a cluster if there are several. <c>unix:///path</c> is a Unix socket. What code sets overrides a URL.
    /// </summary>
    /// <value>The default value is null.</value>
    public string? Addresses { get => Text(Settings.Addresses); set => Set(Settings.Addresses, value); }

    /// <summary>The name after <c>sentinel monitor</c> in sentinel.conf; required under <c>redis-sentinel</c>.</summary>
    /// <value>The default value is null.</value>
    public string? MasterName { get => Text(Settings.MasterName); set => Set(Settings.MasterName, value); }

    /// <summary>
    /// The reachable addresses to use for announced ones: pairs <c>announced=reachable</c>, separated by commas, for example
    /// <c>10.0.0.1:6379=127.0.0.1:7001</c>.
    /// </summary>
    /// <value>The default value is null: the announced addresses are used.</value>
    public string? AddressMap { get => Text(Settings.AddressMap); set => Set(Settings.AddressMap, value); }
}

public sealed partial class ConvoyRedisTarget
{
    /// <summary>The configured topology; on a live connection, the detected one.</summary>
    public ConvoyRedisTopology Topology { get => Of(Settings.Scheme); init => Init(Settings.Scheme, value); }

    /// <summary>The configured addresses: sentinels, cluster nodes, or the one server.</summary>
    public IReadOnlyList<ConvoyRedisEndpoint> Endpoints { get => Of(Settings.Addresses); init => Init(Settings.Addresses, value); }

    /// <summary>The name after <c>sentinel monitor</c>; null unless <see cref="Topology"/> is <see cref="ConvoyRedisTopology.Sentinel"/>.</summary>
    public string? MasterName { get => Of(Settings.MasterName); init => Init(Settings.MasterName, value); }

    /// <summary>Announced addresses and the addresses at which they are reachable from here.</summary>
    public IReadOnlyDictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint> AddressMap
    {
        get => Of(Settings.AddressMap);
        init => Init(Settings.AddressMap, value);
    }
}

internal static partial class Settings
{
    private const int DefaultPort = 6379;
    private const int DefaultSentinelPort = 26379;

    // sun_path of Linux, without the zero at its end (unix(7)).
    private const int LongestSocketPath = 107;

    public static Setting<ConvoyRedisTopology> Scheme => new("scheme", nameof(ConvoyRedisOptions.Scheme), ReadTopology)
    {
        Doc = "`redis` (one server, or a cluster), `rediss` (the same over TLS) or `redis-sentinel`",
        Example = "redis-sentinel",
        IsConvoys = true,
        Default = Schemes.Redis,
        Flag = "--redis-scheme",
        IsTrimmed = true,
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
    };

    // Host and port mean what addresses mean: the endpoints.
    public static Setting<IReadOnlyList<ConvoyRedisEndpoint>> Host => new("host", nameof(ConvoyRedisOptions.Host), read => read.Of(Addresses))
    {
        Doc = "one host, or several separated by commas, each with or without a port; the sentinels under `redis-sentinel`",
        Example = "sentinel-1,sentinel-2,sentinel-3",
        IsConvoys = true,
        Default = "localhost",
        Flag = "--redis-host",
        EmptyClears = true,
        Unused = read => read.Value(Addresses) is { } addresses ? $"{addresses.Source} is used instead" : null,
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
    };

    public static Setting<IReadOnlyList<ConvoyRedisEndpoint>> Port => new("port", nameof(ConvoyRedisOptions.Port), read => read.Of(Addresses))
    {
        Doc = "the port of hosts without one",
        Example = "26379",
        IsConvoys = true,
        DefaultDoc = "6379; 26379 under `redis-sentinel`",
        Flag = "--redis-port",
        Unused = PortIsUnused,
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
    };

    public static Setting<IReadOnlyList<ConvoyRedisEndpoint>> Addresses => new("addresses", nameof(ConvoyRedisOptions.Addresses), ReadEndpoints)
    {
        Doc = "addresses separated by commas, or URLs; used instead of `host` and `port`",
        Example = "node-1:6379,node-2:6379,node-3:6379",
        IsConvoys = true,
        Flag = "--redis-addresses",
        EmptyClears = true,
        IsTrimmed = true,
        Variable = VariablePrefix + "CLUSTER_ADDRESSES",

        // Convoy's docker-compose.sentinel.yml sets this one, which its code does not read.
        VariableAlias = VariablePrefix + "ADDRESSES",
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
    };

    public static Setting<string?> MasterName => new("master_name", nameof(ConvoyRedisOptions.MasterName), ReadMasterName)
    {
        Doc = "the name after `sentinel monitor`; required under `redis-sentinel`",
        Example = "convoy-redis",
        IsConvoys = true,
        Flag = "--redis-sentinel-master-name",
        EmptyClears = true,
        IsTrimmed = true,
        Unused = OnlyWithSentinels,
        Variable = VariablePrefix + "SENTINEL_MASTER_NAME",
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
    };

    public static Setting<IReadOnlyDictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint>> AddressMap =>
        new("address_map", nameof(ConvoyRedisOptions.AddressMap), ReadAddressMap)
        {
            Doc = "the reachable addresses to use for announced ones: `10.0.0.1:6379=127.0.0.1:7001,…`",
            Example = "10.0.0.1:6379=127.0.0.1:7001",
            DefaultDoc = "the announced addresses",
            EmptyClears = true,
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    private static IReadOnlyList<Setting> OfServers => [Scheme, Host, Port, Addresses, MasterName, AddressMap];

    /// <summary>Reads a port as Convoy does, in Go's notations of integers; null if it is invalid.</summary>
    public static int? ParsePort(string text) => GoText.Integer(text) is > 0 and <= 65535 and { } port ? port : null;

    private static bool IsSentinel(SettingReader read) => WrittenScheme(read) == Schemes.Sentinel;

    private static string? OnlyWithSentinels(SettingReader read) =>
        WrittenScheme(read) is Schemes.Redis or Schemes.RedisTls ? $"only {Schemes.Sentinel} uses it" : null;

    private static string WrittenScheme(SettingReader read)
    {
        if (read.Value(Scheme) is not { } value)
            return Scheme.Default!;
        var scheme = value.Text.ToLowerInvariant();
        if (!Schemes.All.Contains(scheme))
            read.Wrong(value, $"is not a scheme; it must be {Schemes.List()}.");
        return scheme;
    }

    private static ConvoyRedisTopology ReadTopology(SettingReader read) =>
        IsSentinel(read) ? ConvoyRedisTopology.Sentinel
        : read.Of(Addresses).Count > 1 ? ConvoyRedisTopology.Cluster
        : ConvoyRedisTopology.Standalone;

    private static IReadOnlyList<ConvoyRedisEndpoint> ReadEndpoints(SettingReader read)
    {
        var isSentinel = IsSentinel(read);
        var port = ReadPort(read) ?? (isSentinel ? DefaultSentinelPort : DefaultPort);
        if (WrittenAddresses(read) is not { } value)
            return [new ConvoyRedisEndpoint(Host.Default!, port)];
        if (IsSocket(read))
            return [ReadSocket(read, value)];

        var problems = read.Problems.Count;
        var endpoints = AddressList.Parse(value.Text, port, problem => read.Wrong($"{value.Source}: {problem}"));
        if (endpoints.Count == 0 && read.Problems.Count == problems)
            read.Wrong($"{value.Source} contains no host{(isSentinel ? "; under redis-sentinel, list the sentinels" : "")}.");
        return endpoints;
    }

    private static SettingValue? WrittenAddresses(SettingReader read) => read.Value(Addresses) ?? read.Written(Host);

    private static bool IsSocket(SettingReader read) => read.Text(Addresses)?.StartsWith('/') == true;

    private static ConvoyRedisEndpoint ReadSocket(SettingReader read, SettingValue path)
    {
        if (IsSentinel(read))
            read.Wrong(path, "is a Unix socket, which cannot be used under redis-sentinel.");
        if (Encoding.UTF8.GetByteCount(path.Text) > LongestSocketPath || path.Text.Contains('\0', StringComparison.Ordinal))
            read.Wrong($"{path.Source}: the path of a Unix socket has {LongestSocketPath} bytes at most, and none of them is zero.");
        return new ConvoyRedisEndpoint(path.Text, 0);
    }

    private static string? PortIsUnused(SettingReader read) =>
        IsSocket(read) ? "a Unix socket has no port"
        : IsPortNeeded(read) ? null
        : "every address has a port of its own";

    private static bool IsPortNeeded(SettingReader read) =>
        !IsSocket(read)
        && (WrittenAddresses(read) is not { } value
            || AddressList.Parse(value.Text, 0, _ => { }) is var endpoints && (endpoints.Count == 0 || endpoints.Any(endpoint => endpoint.Port == 0)));

    private static int? ReadPort(SettingReader read)
    {
        if (read.Value(Port) is not { } value)
            return null;
        if (ParsePort(value.Text) is { } port)
            return port;

        // Convoy does not look at the port where it does not need one.
        if (GoText.Integer(value.Text) == 0 && !IsPortNeeded(read))
            return null;
        read.Wrong(value, "is not a port number between 1 and 65535."
            + (ServiceLinks.IsAddress(value.Text)
                ? " Kubernetes sets this variable for a Service named convoy-redis (service links): set enableServiceLinks: false in the pod's"
                    + " spec, or give the Service another name."
                : ""));
        return null;
    }

    private static string? ReadMasterName(SettingReader read)
    {
        if (!IsSentinel(read))
            return null;
        if (read.Text(MasterName) is { } name)
            return name;
        read.Wrong($"{MasterName.Variable} (environment) or {MasterName.Key} in convoy.json is missing: under "
            + "redis-sentinel it is the name after 'sentinel monitor' in sentinel.conf.");
        return null;
    }

    private static Dictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint> ReadAddressMap(SettingReader read)
    {
        if (read.Value(AddressMap) is not { } value)
            return [];
        if (!value.Text.Contains('@', StringComparison.Ordinal))
            return AddressList.ParseMap(value.Text, DefaultPort, problem => read.Wrong($"{value.Source}: {problem}"));
        read.Wrong(value, "is not a list of announced=reachable pairs.");
        return [];
    }
}
