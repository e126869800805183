using ConvoyRedis.Client;
using StackExchange.Redis;

namespace ConvoyRedis.Tool.Drill;

/// <summary>The master that a drill replaces.</summary>
/// <param name="Master">Its address, as it is announced.</param>
/// <param name="Replicas">The nodes that may replace it.</param>
/// <param name="Slots">Its slots; empty outside a cluster.</param>
internal sealed record DrillSubject(ConvoyRedisEndpoint Master, IReadOnlyList<ConvoyRedisEndpoint> Replicas, IReadOnlyList<SlotRange> Slots)
{
    /// <summary>Enough to meet every slot.</summary>
    private const int MostTags = 1_000_000;

    /// <summary>What the keys begin with: in a cluster, all of them are in one slot of this master.</summary>
    public string KeyPrefix(IConnectionMultiplexer multiplexer)
    {
        bool IsOwn(int slot) => Slots.Any(range => range.From <= slot && slot <= range.To);
        var tag = Slots.Count == 0 ? "" : Enumerable.Range(0, MostTags).Select(number => $"{{{number}}}:").First(tag => IsOwn(multiplexer.GetHashSlot(tag)));
        return $"convoy-redis:drill:{tag}{Guid.NewGuid():N}:";
    }
}
