using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>StackExchange.Redis by itself; with sentinels by <c>serviceName=</c>.</summary>
internal sealed class StackExchangeClient : IBenchmarkClient
{
    private readonly ConnectionMultiplexer _multiplexer;
    private readonly IDatabase _database;

    private StackExchangeClient(ConnectionMultiplexer multiplexer) => (_multiplexer, _database) = (multiplexer, multiplexer.GetDatabase());

    public static async Task<IBenchmarkClient> ConnectAsync(Deployment deployment, bool isTuned)
    {
        var options = new ConfigurationOptions { ServiceName = deployment.Master, Password = deployment.Password };
        foreach (var address in deployment.Addresses)
            options.EndPoints.Add(address);
        if (deployment.AuthorityFile is { } authority)
        {
            options.Ssl = true;
            options.TrustIssuer(authority);
        }

        // The tuning: what its documentation has against slow detection, five times as often, and its timeouts down to a fifth.
        if (isTuned)
        {
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
            options.HeartbeatConsistencyChecks = true;
            options.KeepAlive = 1;
            options.ConfigCheckSeconds = 1;
            options.ConnectTimeout = 1000;
            options.SyncTimeout = 1000;
            options.AsyncTimeout = 1000;
            options.ReconnectRetryPolicy = new LinearRetry(100);
        }

        return new StackExchangeClient(await ConnectionMultiplexer.ConnectAsync(options));
    }

    public Task<long> IncrementAsync(string key) => _database.StringIncrementAsync(key);

    public async Task<string?> ReadAsync(string key) => await _database.StringGetAsync(key);

    public ValueTask DisposeAsync() => _multiplexer.DisposeAsync();
}
