using CSRedis;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>CSRedisCore by its synchronous calls, on which its recovery hangs. It finds a cluster's nodes by one of them.</summary>
internal sealed class CsRedisClient(CSRedisClient client) : IBenchmarkClient
{
    public static Task<IBenchmarkClient> ConnectAsync(Deployment deployment) => Task.Run<IBenchmarkClient>(() => new CsRedisClient(deployment.Kind switch
    {
        DeploymentKind.Sentinel => new CSRedisClient($"{deployment.Master},password={deployment.Password}", [.. deployment.Addresses]),
        _ => new CSRedisClient(deployment.Addresses[0]),
    }));

    public Task<long> IncrementAsync(string key) => Task.Run(() => client.IncrBy(key));

    public Task<string?> ReadAsync(string key) => Task.Run<string?>(() => client.Get(key));

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }
}
