using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>A client that is measured: its name, and how it connects to a topology.</summary>
internal sealed record Client(string Name, Func<SentinelTopology, Task<(IDatabase Database, IAsyncDisposable Connection)>> ConnectAsync)
{
    /// <summary>Whether this is the library whose benchmark it is.</summary>
    public bool IsOurs => this == All[0];

    public static IReadOnlyList<Client> All { get; } =
    [
        new("ConvoyRedis.Client", async topology =>
        {
            var connection = await ConvoyRedisConnection.ConnectAsync(ConvoyRedisOptions.Load(new ConvoyRedisSources
            {
                ConvoyJsonPath = null,
                Environment = topology.EnvironmentVariables.ToDictionary(variable => variable.Key, variable => (string?)variable.Value),
            }));
            return ((await connection.GetMultiplexerAsync()).GetDatabase(), connection);
        }),
        new("StackExchange.Redis, serviceName=", async topology =>
        {
            var options = new ConfigurationOptions { ServiceName = topology.Options.MasterName, Password = topology.Options.Password, AbortOnConnectFail = false };
            foreach (var sentinel in topology.Sentinels)
                options.EndPoints.Add(sentinel.Host, sentinel.Port);
            var multiplexer = await ConnectionMultiplexer.ConnectAsync(options);
            return (multiplexer.GetDatabase(), multiplexer);
        }),
    ];
}
