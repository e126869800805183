using System.Globalization;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Watch;

/// <summary>What is seen at one moment.</summary>
/// <param name="Survey">What every server last said; null until the first has.</param>
/// <param name="Connection">The library's own connection.</param>
/// <param name="Events">What happened until now, the oldest first.</param>
internal sealed record WatchView(DeploymentSurvey? Survey, IConvoyRedisConnection Connection, IReadOnlyList<WatchedEvent> Events)
{
    /// <summary>The library's own phase, and where it leads to.</summary>
    public string Phase => Connection.Master is { } master
        ? $"{Connection.Phase} {master}{(Connection.Epoch is { } epoch ? $" at epoch {epoch}" : "")}" : $"{Connection.Phase}";

    /// <summary>A node's role, or why it has none.</summary>
    public static string State(NodeAnswers node) => node switch
    {
        { Fault.Fault: ConvoyRedisFault.Loading } => "loading",
        { Fault: not null } => "down",
        { WriteRefusal: { } refusal } => $"{Role(node)}, {refusal.Split(' ')[0]}",
        _ => Role(node),
    };

    /// <summary>How long the master has not been heard of by a replica; empty for a master.</summary>
    public static string Lag(NodeAnswers node) => node switch
    {
        { Role: not "slave" } => "",
        { Info: { } info } when info["master_link_status"] == "down" => Seconds(info["master_link_down_since_seconds"]),
        { Info: { } info } => Seconds(info["master_last_io_seconds_ago"]),
        _ => "",
    };

    /// <summary>The memory in use, and its share of <c>maxmemory</c>.</summary>
    public static string Memory(NodeAnswers node) => node.Info?.Number("used_memory") is not { } used ? ""
        : node.Info.MemoryShare is { } share ? string.Create(CultureInfo.InvariantCulture, $"{Size.Text(used)} ({share * 100:0} %)") : Size.Text(used);

    /// <summary>What a sentinel believes of the master (its flags), or why that is not known.</summary>
    public static string State(SentinelAnswers sentinel) => sentinel switch
    {
        { Fault: not null } => "down",
        { Quorum.IsError: true } => $"{sentinel.Master.Field("flags")}, {sentinel.Quorum.Text!.Split(' ')[0]}",
        _ => sentinel.Master.Field("flags") ?? "",
    };

    /// <summary>How many of a shard's replicas could take over.</summary>
    public static string Replicas(ClusterSurvey cluster, ClusterMember master)
    {
        var replicas = cluster.Layout.ReplicasOf(master).ToList();
        return $"{replicas.Count(replica => !cluster.IsDown(replica))} of {replicas.Count}";
    }

    private static string Role(NodeAnswers node) => node.Role switch { "slave" => "replica", null => "role not visible", var role => role };

    private static string Seconds(string? seconds) => seconds is null ? "" : $"{seconds} s";
}
