using ConvoyRedis.Client;

namespace ConvoyRedis.Tool.Survey;

/// <summary>What every server of a deployment said of itself and of the others, at about one moment.</summary>
/// <param name="Target">The deployment.</param>
/// <param name="Sentinels">The configured sentinels, and behind them those that only others name; empty where there are none.</param>
/// <param name="Nodes">The data nodes.</param>
internal sealed record DeploymentSurvey(
    ConvoyRedisTarget Target, IReadOnlyList<SentinelAnswers> Sentinels, IReadOnlyList<NodeAnswers> Nodes)
{
    /// <summary>The node that most sentinels name as the master; null where none does.</summary>
    public ConvoyRedisEndpoint? NamedMaster { get; } = Majority(Sentinels);

    /// <summary>What the nodes show of their cluster; null where there is none.</summary>
    public ClusterSurvey? Cluster { get; } = ClusterSurvey.Of(Nodes);

    /// <summary>How many replicas the sentinels know; null where there is none to ask.</summary>
    public int? KnownReplicas => Sentinels.Where(sentinel => sentinel.Fault is null).Select(sentinel => (int?)sentinel.Replicas.Count).Max();

    /// <summary>The nodes that are masters.</summary>
    public IEnumerable<NodeAnswers> Masters => Nodes.Where(node => node.IsMaster);

    public static ConvoyRedisEndpoint? Majority(IEnumerable<SentinelAnswers> sentinels) =>
        sentinels.Select(sentinel => sentinel.NamedMaster).OfType<ConvoyRedisEndpoint>()
            .GroupBy(master => master).MaxBy(group => group.Count())?.Key;
}
