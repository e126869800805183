using ConvoyRedis.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
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
        var connection = await ConvoyRedisConnection.ConnectAsync(OptionsFor(deployment, mode), new OwnLogs());
        return new ConvoyRedisClient(connection, (await connection.GetMultiplexerAsync()).GetDatabase());
    }

    public static ConvoyRedisOptions OptionsFor(Deployment deployment, FailoverMode mode = FailoverMode.Eager) => new()
    {
        Scheme = deployment.Kind == DeploymentKind.Sentinel ? "redis-sentinel" : "redis",
        Host = string.Join(',', deployment.Addresses),
        MasterName = deployment.Master,
        Password = deployment.Password,
        FailoverMode = mode,
        Tls = deployment.AuthorityFile is null ? null : true,
        TlsCaCertFile = deployment.AuthorityFile,
    };

    public Task<long> IncrementAsync(string key) => _database.StringIncrementAsync(key);

    public async Task<string?> ReadAsync(string key) => await _database.StringGetAsync(key);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    // Connections of a process that log to the same place share their links to the sentinels; clients that stand for processes must not.
    private sealed class OwnLogs : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => NullLogger.Instance;

        public void AddProvider(ILoggerProvider provider)
        {
            // Nothing is logged.
        }

        public void Dispose()
        {
            // It has nothing.
        }
    }
}
