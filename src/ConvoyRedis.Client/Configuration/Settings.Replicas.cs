using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client;

// Whether commands that only read may go to replicas, and to which.
public sealed partial class ConvoyRedisOptions
{
    /// <summary>Where commands that only read go: <c>master</c>, <c>prefer_master</c>, <c>prefer_replica</c> or <c>replica</c>.</summary>
    /// <value>The default value is <see cref="ConvoyRedisReadFrom.Master"/>.</value>
    public ConvoyRedisReadFrom ReadFrom
    {
        get => Parsed(Settings.ReadFrom, SettingText.Parse<ConvoyRedisReadFrom>) ?? default;
        set => Set(Settings.ReadFrom, value);
    }

    /// <summary>How far a replica may be behind its master and still be read from.</summary>
    /// <value>The default value is 10 s: the guide's healthy range of <c>master_last_io_seconds_ago</c>.</value>
    public TimeSpan ReplicaMaxLag { get => Duration(Settings.ReplicaMaxLag); set => Set(Settings.ReplicaMaxLag, value); }

    /// <summary>The replicas of a fixed endpoint, separated by commas: the reader endpoint of a managed service, for example.</summary>
    /// <value>The default value is null: sentinels and clusters name their replicas themselves.</value>
    public string? ReplicaAddresses { get => Text(Settings.ReplicaAddresses); set => Set(Settings.ReplicaAddresses, value); }
}

public sealed partial class ConvoyRedisTarget
{
    /// <summary>Where commands that only read go.</summary>
    public ConvoyRedisReadFrom ReadFrom => Of(Settings.ReadFrom);

    /// <summary>How far a replica may be behind its master and still be read from.</summary>
    public TimeSpan ReplicaMaxLag => Of(Settings.ReplicaMaxLag);

    /// <summary>The replicas of a fixed endpoint.</summary>
    public IReadOnlyList<ConvoyRedisEndpoint> ReplicaAddresses => Of(Settings.ReplicaAddresses);

    /// <summary>Whether replicas are represented by an endpoint of their own. On a cluster, StackExchange.Redis connects to them itself.</summary>
    internal bool ReadsReplicas =>
        ReadFrom != ConvoyRedisReadFrom.Master && (Topology == ConvoyRedisTopology.Sentinel || ReplicaAddresses.Count > 0) && Topology != ConvoyRedisTopology.Cluster;
}

internal static partial class Settings
{
    private static TimeSpan ShortestReplicaLag => TimeSpan.FromSeconds(2);

    public static Setting<ConvoyRedisReadFrom> ReadFrom => new("read_from", nameof(ConvoyRedisOptions.ReadFrom), read => read.OneOf<ConvoyRedisReadFrom>(ReadFrom, "a place to read from"))
    {
        Doc = "where commands that only read go: `master`, `prefer_master`, `prefer_replica` or `replica`",
        Example = "prefer_replica",
        Default = "master",
        Change = ChangeEffect.Restart,
        SeparatesMonitors = true,
    };

    public static Setting<TimeSpan> ReplicaMaxLag => new("replica_max_lag", nameof(ConvoyRedisOptions.ReplicaMaxLag), ReadReplicaMaxLag)
    {
        Doc = "how far a replica may be behind its master and still be read from",
        Example = "5s",
        Default = "10s",
        Unused = ReplicasAreUnused,
        Change = ChangeEffect.Switch,
        SeparatesMonitors = true,
    };

    public static Setting<IReadOnlyList<ConvoyRedisEndpoint>> ReplicaAddresses =>
        new("replica_addresses", nameof(ConvoyRedisOptions.ReplicaAddresses), ReadReplicaAddresses)
        {
            Doc = "the replicas of a fixed endpoint, separated by commas: the reader endpoint of a managed service",
            Example = "my-redis-ro.cache.example.com:6379",
            EmptyClears = true,
            IsTrimmed = true,
            Unused = read => ReplicasAreUnused(read)
                ?? (read.Of(Scheme) == ConvoyRedisTopology.Standalone ? null : "only a single server uses it; sentinels and clusters name their replicas"),
            Change = ChangeEffect.Switch,
            SeparatesMonitors = true,
        };

    private static IReadOnlyList<Setting> OfReplicas => [ReadFrom, ReplicaMaxLag, ReplicaAddresses];

    private static TimeSpan ReadReplicaMaxLag(SettingReader read)
    {
        var lag = read.Duration(ReplicaMaxLag);
        if (lag < ShortestReplicaLag && read.Value(ReplicaMaxLag) is { } value)
            read.Wrong(value, $"must be at least {GoText.Write(ShortestReplicaLag)}: how far replicas are behind is found out once a second.");
        return lag;
    }

    private static IReadOnlyList<ConvoyRedisEndpoint> ReadReplicaAddresses(SettingReader read) => read.Value(ReplicaAddresses) is { } value
        ? AddressList.Parse(value.Text, DefaultPort, problem => read.Wrong($"{value.Source}: {problem}"))
        : [];

    private static string? ReplicasAreUnused(SettingReader read) => read.Of(ReadFrom) == ConvoyRedisReadFrom.Master ? "read_from is master" : null;
}
