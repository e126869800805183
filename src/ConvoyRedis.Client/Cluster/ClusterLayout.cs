using System.Globalization;
using ConvoyRedis.Client.Nodes;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Cluster;

/// <summary>The shards of a cluster, as one node sees them: its answer to CLUSTER NODES.</summary>
/// <param name="Nodes">The nodes with a usable address.</param>
/// <param name="HasJoining">Whether there are nodes that are about to join: they are not read.</param>
internal sealed record ClusterLayout(IReadOnlyList<ClusterMember> Nodes, bool HasJoining = false)
{
    /// <summary>The number of hash slots (cluster.h: CLUSTER_SLOTS).</summary>
    public const int AllSlots = 16384;

    /// <summary>How many nodes are read; Redis advises at most 1000 (cluster specification).</summary>
    public const int MostNodes = 2000;

    // id, address, flags, master, ping sent, pong received, configuration epoch, link state; then the slots.
    private const int FieldsBeforeSlots = 8;

    /// <summary>The masters that own slots.</summary>
    public IEnumerable<ClusterMember> Masters => Nodes.Where(node => !node.IsReplica && node.Slots.Count > 0);

    /// <summary>The masters that own slots, and their replicas. CLUSTER SLOTS lists them, except replicas that have not begun to copy.</summary>
    public IEnumerable<ClusterMember> Serving => Masters.SelectMany(master => ReplicasOf(master).Prepend(master));

    /// <summary>The node that answered; null if it does not list itself.</summary>
    public ClusterMember? Myself => Nodes.FirstOrDefault(node => node.IsMyself);

    /// <summary>The highest epoch of a node: of two layouts, that with the lower one lacks news.</summary>
    public long HighestEpoch => Nodes.Max(node => node.ConfigEpoch);

    /// <summary>How many slots have a master.</summary>
    public int CoveredSlots => Masters.SelectMany(master => master.Slots).Sum(range => range.To - range.From + 1);

    /// <summary>The replicas of a master.</summary>
    public IEnumerable<ClusterMember> ReplicasOf(ClusterMember master) => Nodes.Where(node => node.MasterId == master.Id);

    /// <summary>The node that clients know by an address.</summary>
    public ClusterMember? Find(ConvoyRedisEndpoint address) => Nodes.FirstOrDefault(node => node.IsAt(address));

    /// <summary>Whether it lists a node, or an address, that was not listed before.</summary>
    /// <param name="before">The layout before.</param>
    public bool HasNewNodesSince(ClusterLayout before) => !Nodes.All(node => before.Nodes.Any(known => known.Endpoint == node.Endpoint));

    /// <summary>Whether it lists a replica that was not listed before as one of the same master.</summary>
    /// <param name="before">The layout before.</param>
    public bool HasNewReplicasSince(ClusterLayout before) =>
        Nodes.Any(node => node.IsReplica && !before.Nodes.Any(known => (known.Endpoint, known.MasterId) == (node.Endpoint, node.MasterId)));

    /// <summary>The masters that took over from another since: by a failover, not by resharding.</summary>
    /// <param name="before">The layout before.</param>
    public IEnumerable<(ClusterMember Former, ClusterMember Successor)> SuccessionsSince(ClusterLayout before) =>
        from former in before.Masters
        where Masters.All(master => master.Id != former.Id)
        from successor in Masters.Where(master => master.Succeeds(former) && before.Masters.All(other => other.Id != master.Id)).Take(1)
        select (former, successor);

    /// <summary>Reads an answer; null if no line of it can be used. Lines that are not as Redis writes them, and nodes without an address, are left out.</summary>
    public static ClusterLayout? Read(string? text)
    {
        var lines = (text ?? "").Split('\n', MostNodes + 1, StringSplitOptions.RemoveEmptyEntries).Take(MostNodes).Select(ReadFields).ToList();
        var nodes = lines.Select(ReadNode).OfType<ClusterMember>().ToList();
        return nodes.Count == 0 ? null : new ClusterLayout(nodes, HasJoining: lines.Any(IsJoining));
    }

    private static string[] ReadFields(string line) => line.TrimEnd('\r').Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static bool IsJoining(string[] fields) => fields.Length >= FieldsBeforeSlots && fields[2].Split(',').Contains("handshake");

    private static ClusterMember? ReadNode(string[] fields)
    {
        if (fields.Length < FieldsBeforeSlots || !long.TryParse(fields[6], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch))
            return null;
        var flags = fields[2].Split(',');
        var isReplica = flags.Contains("slave") || flags.Contains("replica");
        if (flags.Contains("noaddr") || IsJoining(fields) || ReadAddress(fields[1]) is not { } address)
            return null;
        return new ClusterMember(
            fields[0],
            address.Endpoint,
            address.HostName,
            IsMyself: flags.Contains("myself"),
            IsFailing: flags.Contains("fail") || flags.Contains("fail?"),
            IsLinked: fields[7] == "connected",
            isReplica ? fields[3] : null,
            epoch,
            [.. fields.Skip(FieldsBeforeSlots).Select(ReadSlots).OfType<SlotRange>()]);
    }

    // ip:port@cport, and from Redis 7.0 on ,hostname and further fields. An IPv6 address has no brackets here.
    private static (ConvoyRedisEndpoint Endpoint, ConvoyRedisEndpoint? HostName)? ReadAddress(string text)
    {
        var parts = text.Split(',');
        var address = parts[0].Split('@')[0];
        var colon = address.LastIndexOf(':');
        if (colon < 0)
            return null;
        var port = address[(colon + 1)..];
        var name = parts.Length > 1 ? AnnouncedEndpoint.Read(parts[1], port) : null;

        // A node that does not know its own address yet shows none.
        return (AnnouncedEndpoint.Read(address[..colon], port) ?? name) is { } endpoint ? (endpoint, name) : null;
    }

    // Null for a slot on the move: [93-<-id].
    private static SlotRange? ReadSlots(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return ReadSlot(dash < 0 ? text : text[..dash]) is { } first && ReadSlot(dash < 0 ? text : text[(dash + 1)..]) is { } last && first <= last
            ? new SlotRange(first, last) : null;
    }

    private static int? ReadSlot(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var slot) && slot < AllSlots ? slot : null;
}
