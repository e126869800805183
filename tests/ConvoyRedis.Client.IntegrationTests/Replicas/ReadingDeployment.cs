using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Replicas;

/// <summary>Connections that may read from replicas, and which of the nodes answer them.</summary>
internal static class ReadingDeployment
{
    private const int Probes = 50;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<ConvoyRedisConnection> ConnectAsync(this RedisTopology deployment, ConvoyRedisReadFrom readFrom = ConvoyRedisReadFrom.PreferMaster)
    {
        var options = deployment.Options();
        options.ReadFrom = readFrom;
        return ConvoyRedisConnection.ConnectAsync(options, Token);
    }

    /// <summary>Waits until reads go to a replica, and tells which.</summary>
    public static async Task<RedisServer> ReadReplicaAsync(this SentinelTopology deployment, IDatabaseAsync database)
    {
        RedisServer? found = null;
        await Eventually.TrueAsync(async () =>
        {
            var before = await deployment.ReadsAsync();
            for (var i = 0; i < Probes; i++)
                await database.StringGetAsync("probe", CommandFlags.PreferReplica);
            var after = await deployment.ReadsAsync();
            var master = await deployment.GetMasterAsync(Token);
            found = after.Keys.FirstOrDefault(node => node != master && before.TryGetValue(node, out var had) && after[node] - had >= Probes);
            return found is not null;
        }, Token);
        return found!;
    }

    /// <summary>How many reads each node that answers has had.</summary>
    public static async Task<Dictionary<RedisServer, int>> ReadsAsync(this SentinelTopology deployment)
    {
        var reads = new Dictionary<RedisServer, int>();
        foreach (var node in deployment.Nodes.Where(node => node is { IsRunning: true, IsHung: false }))
        {
            try
            {
                reads[node] = await node.CallsAsync("get");
            }
            catch (IOException)
            {
                // Sentinel closes the connections to a node that it makes follow another master.
            }
        }

        return reads;
    }

    /// <summary>Whether a read is answered within a second.</summary>
    public static async Task<bool> IsReadAsync(IDatabase database, string key)
    {
        try
        {
            return (await database.StringGetAsync(key, CommandFlags.PreferReplica).WaitAsync(TimeSpan.FromSeconds(1), Token)).HasValue;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
    }
}
