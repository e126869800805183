using FreeRedis;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>FreeRedis by its synchronous calls, on which its recovery hangs.</summary>
internal sealed class FreeRedisClient(RedisClient client) : IBenchmarkClient
{
    public static Task<IBenchmarkClient> ConnectAsync(Deployment deployment) => Task.Run<IBenchmarkClient>(() => new FreeRedisClient(deployment.Kind switch
    {
        DeploymentKind.Sentinel => new RedisClient($"{deployment.Master},password={deployment.Password}", [.. deployment.Addresses], rw_splitting: false),
        DeploymentKind.Cluster => new RedisClient([.. deployment.Addresses.Select(ConnectionStringBuilder.Parse)], new Dictionary<string, string>()),
        _ => new RedisClient(ConnectionStringBuilder.Parse(deployment.Addresses[0])),
    }));

    public Task<long> IncrementAsync(string key) => Task.Run(() => client.Incr(key));

    public Task<string?> ReadAsync(string key) => Task.Run<string?>(() => client.Get(key));

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }
}
