using ConvoyRedis.Client.Cluster;
using StackExchange.Redis;

namespace ConvoyRedis.Tool;

/// <summary>Writes slots so that they fit into a column.</summary>
internal static class SlotText
{
    private const int MostRanges = 3;

    /// <summary>The ranges; of many only the first.</summary>
    public static string Of(IReadOnlyCollection<SlotRange> slots)
    {
        var ranges = slots.OrderBy(range => range.From).ToList();
        var rest = ranges.Skip(MostRanges).Sum(Count);
        return string.Join(' ', ranges.Take(MostRanges)) + (rest > 0 ? $" and {rest} more" : "");
    }

    /// <summary>The number of slots.</summary>
    public static int Count(IEnumerable<SlotRange> slots) => slots.Sum(Count);

    /// <summary>The slots that no master owns.</summary>
    public static IReadOnlyList<SlotRange> Uncovered(ClusterLayout layout)
    {
        var (uncovered, next) = (new List<SlotRange>(), 0);
        foreach (var range in layout.Masters.SelectMany(master => master.Slots).OrderBy(range => range.From))
        {
            if (range.From > next)
                uncovered.Add(new SlotRange(next, range.From - 1));
            next = Math.Max(next, range.To + 1);
        }

        if (next < ClusterLayout.AllSlots)
            uncovered.Add(new SlotRange(next, ClusterLayout.AllSlots - 1));
        return uncovered;
    }

    private static int Count(SlotRange range) => range.To - range.From + 1;
}
