using CSRedis;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>CSRedisCore by its synchronous calls, on which its recovery hangs.</summary>
internal sealed class CsRedisClient(CSRedisClient client) : IBenchmarkClient
{
    public static Task<IBenchmarkClient> ConnectAsync(Deployment deployment) => Task.Run<IBenchmarkClient>(() =>
        new CsRedisClient(new CSRedisClient($"{deployment.Master},password={deployment.Password}", [.. deployment.Sentinels])));

    public Task IncrementAsync(string key) => Task.Run(() => client.IncrBy(key));

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }
}
