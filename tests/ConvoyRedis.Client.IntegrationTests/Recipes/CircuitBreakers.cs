using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Recipes;

/// <summary>
/// Circuit breakers, one for each endpoint that a service calls, whose state all instances share and restarts do not lose: so many failures within a
/// window open one for a while.
/// </summary>
internal sealed class CircuitBreakers(IConnectionMultiplexer redis, int failures, TimeSpan window, TimeSpan pause)
{
    private const int ReplicaMilliseconds = 100;

    private const string FailedScript = """
        local count = redis.call('INCR', KEYS[1])
        if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        if count < tonumber(ARGV[1]) then return 0 end
        redis.call('SET', KEYS[2], 'open', 'PX', ARGV[3])
        return 1
        """;

    /// <summary>
    /// Counts a failure. One that opens the breaker gives a replica 0.1 s to hear of it, so that a failover seldom closes it again; whether it did is not looked at.
    /// </summary>
    public async Task FailedAsync(string endpoint)
    {
        var database = redis.GetDatabase();
        RedisValue[] settings = [failures, (long)window.TotalMilliseconds, (long)pause.TotalMilliseconds];
        if ((bool)await database.ScriptEvaluateAsync(FailedScript, [$"breaker:{{{endpoint}}}:failures", OpenKey(endpoint)], settings))
            await database.ExecuteAsync("WAIT", 1, ReplicaMilliseconds);
    }

    /// <summary>Whether the endpoint is not to be called now.</summary>
    public Task<bool> IsOpenAsync(string endpoint) => redis.GetDatabase().KeyExistsAsync(OpenKey(endpoint));

    private static RedisKey OpenKey(string endpoint) => $"breaker:{{{endpoint}}}:open";
}
