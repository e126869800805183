using ConvoyRedis.Client;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>This library, by the settings that its users write.</summary>
internal sealed class ConvoyRedisClient : IBenchmarkClient
{
    private readonly ConvoyRedisConnection _connection;
    private readonly IDatabase _database;

    private ConvoyRedisClient(ConvoyRedisConnection connection, IDatabase database) => (_connection, _database) = (connection, database);

    public static async Task<IBenchmarkClient> ConnectAsync(Deployment deployment, FailoverMode mode)
    {
        var connection = await ConvoyRedisConnection.ConnectAsync(OptionsFor(deployment, mode));
        return new ConvoyRedisClient(connection, (await connection.GetMultiplexerAsync()).GetDatabase());
    }

    public static ConvoyRedisOptions OptionsFor(Deployment deployment, FailoverMode mode = FailoverMode.Eager) => new()
    {
        Scheme = deployment.Kind == DeploymentKind.Sentinel ? "redis-sentinel" : "redis",
        Host = string.Join(',', deployment.Addresses),
        MasterName = deployment.Master,
        Password = deployment.Password,
        FailoverMode = mode,
    };

    public Task IncrementAsync(string key) => _database.StringIncrementAsync(key);

    public async Task<string?> ReadAsync(string key) => await _database.StringGetAsync(key);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
