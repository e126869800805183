using System.Globalization;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>
/// The counters that the clients count up, one each. On the replicas they begin at another number than on the master. INCR is replicated as it is, so that the
/// value of an acknowledged write shows which node carried it out.
/// </summary>
internal static class FleetKeys
{
    /// <summary>What a counter is at least on a node that began as a replica.</summary>
    public const long OfReplicas = 1_000_000_000;

    private const string SetAll = "for i = 0, tonumber(ARGV[1]) - 1 do redis.call('SET', 'fleet:' .. i, ARGV[2]) end";

    public static string KeyOf(int client) => string.Create(CultureInfo.InvariantCulture, $"fleet:{client}");

    /// <summary>Sets the counters on the replicas; call it before the first client writes.</summary>
    public static async Task SetAsync(SentinelTopology topology, RedisServer master, int clients, CancellationToken cancellationToken)
    {
        foreach (var replica in topology.Nodes.Where(node => node != master))
        {
            await DemandAsync(replica, ["CONFIG", "SET", "replica-read-only", "no"], cancellationToken);
            await DemandAsync(replica, ["EVAL", SetAll, "0", Text(clients), Text(OfReplicas)], cancellationToken);
            await DemandAsync(replica, ["CONFIG", "SET", "replica-read-only", "yes"], cancellationToken);
        }
    }

    /// <summary>Whether the replicas still have counters of their own: a new copy of the master's data would have ended that.</summary>
    public static async Task<bool> AreSetAsync(SentinelTopology topology, RedisServer master, CancellationToken cancellationToken)
    {
        foreach (var replica in topology.Nodes.Where(node => node != master))
        {
            var value = await replica.ExecuteAsync(["GET", KeyOf(0)], cancellationToken);
            if (!long.TryParse(value.Text, CultureInfo.InvariantCulture, out var number) || number < OfReplicas)
                return false;
        }

        return true;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task DemandAsync(RedisServer server, string[] command, CancellationToken cancellationToken)
    {
        var reply = await server.ExecuteAsync(command, cancellationToken);
        if (reply.IsError)
            throw new InvalidOperationException($"{server} refused {command[0]}: {reply}");
    }
}
