using ConvoyRedis.Client.Cluster;

namespace ConvoyRedis.Tool.Survey;

/// <summary>A cluster as its nodes show it together (CLUSTER NODES).</summary>
internal sealed class ClusterSurvey
{
    private readonly IReadOnlyList<NodeAnswers> _nodes;
    private readonly IReadOnlyList<ClusterLayout> _views;

    private ClusterSurvey(IReadOnlyList<NodeAnswers> nodes, IReadOnlyList<ClusterLayout> views)
    {
        (_nodes, _views) = (nodes, views);
        Layout = views.MaxBy(view => view.HighestEpoch)!;
    }

    /// <summary>The layout with the highest configuration epoch: others lack news.</summary>
    public ClusterLayout Layout { get; }

    /// <summary>The masters with slots, in the order of their slots.</summary>
    public IEnumerable<ClusterMember> Masters => Layout.Masters.OrderBy(master => master.Slots.Min(range => range.From));

    /// <summary>The nodes that show another layout than <see cref="Layout"/>: other masters, or other slots of them.</summary>
    public IEnumerable<NodeAnswers> Dissenters => _nodes.Where(node => node.Layout is { } view && Owners(view) != Owners(Layout));

    /// <summary>How many nodes show their layout.</summary>
    public int Views => _views.Count;

    /// <summary>What the nodes show; null where none does.</summary>
    public static ClusterSurvey? Of(IReadOnlyList<NodeAnswers> nodes)
    {
        List<ClusterLayout> views = [.. nodes.Select(node => node.Layout).OfType<ClusterLayout>()];
        return views.Count == 0 ? null : new ClusterSurvey(nodes, views);
    }

    /// <summary>The node of the cluster that answered as this one; null where it is not listed.</summary>
    public ClusterMember? Find(NodeAnswers node) => node.Layout?.Myself ?? Layout.Find(node.Endpoint);

    /// <summary>How many of the other nodes that answer mark a node as failing, and how many there are.</summary>
    public (int Marks, int Others) MarksOf(ClusterMember member)
    {
        List<ClusterLayout> others = [.. _views.Where(view => view.Myself?.Id != member.Id)];
        return (others.Count(view => view.Nodes.Any(node => node.Id == member.Id && node.IsFailing)), others.Count);
    }

    /// <summary>Whether most of the other nodes mark a node as failing, or it does not answer us.</summary>
    public bool IsDown(ClusterMember member)
    {
        var (marks, others) = MarksOf(member);
        return marks * 2 > others || _nodes.Any(node => node.Fault is not null && member.IsAt(node.Endpoint));
    }

    /// <summary>A node's address, and whether it is down.</summary>
    public string Describe(ClusterMember node) => IsDown(node) ? $"{node.Endpoint}, down" : $"{node.Endpoint}";

    private static string Owners(ClusterLayout view) =>
        string.Join('\n', view.Masters.OrderBy(master => master.Id, StringComparer.Ordinal).Select(master => $"{master.Id} {master.SlotText}"));
}
