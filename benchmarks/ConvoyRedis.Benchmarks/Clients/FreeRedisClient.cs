using FreeRedis;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>FreeRedis by its synchronous calls, on which its recovery hangs.</summary>
internal sealed class FreeRedisClient(RedisClient client) : IBenchmarkClient
{
    public static Task<IBenchmarkClient> ConnectAsync(Deployment deployment) => Task.Run<IBenchmarkClient>(() =>
        new FreeRedisClient(new RedisClient($"{deployment.Master},password={deployment.Password}", [.. deployment.Sentinels], rw_splitting: false)));

    public Task IncrementAsync(string key) => Task.Run(() => client.Incr(key));

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }
}
