using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Replicas;

/// <summary>A client that reads.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ConnectAsync">Connects it; what it returns ends with the connection.</param>
internal sealed record Reader(string Name, Func<SentinelTopology, Task<(IAsyncDisposable Owner, Func<Task<RedisValue>> ReadAsync)>> ConnectAsync)
{
    public const string Key = "read";

    /// <summary>This library with replicas and without, and StackExchange.Redis.</summary>
    public static IReadOnlyList<Reader> All { get; } =
    [
        new("ConvoyRedis.Client, prefer_replica", topology => OursAsync(topology, ConvoyRedisReadFrom.PreferReplica)),
        new("ConvoyRedis.Client, master", topology => OursAsync(topology, ConvoyRedisReadFrom.Master)),
        new("StackExchange.Redis, PreferReplica", StackExchangeAsync),
    ];

    private static async Task<(IAsyncDisposable Owner, Func<Task<RedisValue>> ReadAsync)> OursAsync(SentinelTopology topology, ConvoyRedisReadFrom readFrom)
    {
        var options = ConvoyRedisClient.OptionsFor(Deployment.Of(topology));
        options.ReadFrom = readFrom;
        var connection = await ConvoyRedisConnection.ConnectAsync(options);
        var database = (await connection.GetMultiplexerAsync()).GetDatabase();
        return (connection, () => database.StringGetAsync(Key));
    }

    private static async Task<(IAsyncDisposable Owner, Func<Task<RedisValue>> ReadAsync)> StackExchangeAsync(SentinelTopology topology)
    {
        var options = new ConfigurationOptions { ServiceName = topology.Options.MasterName, Password = topology.Options.Password };
        foreach (var sentinel in topology.Sentinels)
            options.EndPoints.Add(sentinel.Address);
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
        var database = multiplexer.GetDatabase();
        return (multiplexer, () => database.StringGetAsync(Key, CommandFlags.PreferReplica));
    }
}
