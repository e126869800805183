using StackExchange.Redis;

namespace ConvoyRedis.Sample.Api;

/// <summary>
/// A rate limit that all instances share: a bucket of tokens, refilled at a rate, by the master's clock. After a crash the next master may know less of
/// what was taken than the one that died: then at most one bucket more is given than should be. A planned failover gives none more.
/// </summary>
internal sealed class TokenBucket(IConnectionMultiplexer redis, int capacity, double tokensPerSecond)
{
    private const string Script = """
        local now = redis.call('TIME')
        now = now[1] + now[2] / 1000000
        local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
        local tokens = math.min(tonumber(ARGV[1]), (tonumber(bucket[1]) or tonumber(ARGV[1])) + math.max(0, now - (tonumber(bucket[2]) or now)) * ARGV[2])
        local taken = tokens >= 1 and 1 or 0
        redis.call('HSET', KEYS[1], 'tokens', tokens - taken, 'at', now)
        redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[1] / ARGV[2] * 1000) + 1000)
        return taken
        """;

    /// <summary>Takes a token for a caller, if there is one.</summary>
    public async Task<bool> TryTakeAsync(string caller) =>
        (bool)await redis.GetDatabase().ScriptEvaluateAsync(Script, [(RedisKey)$"limit:{caller}"], [capacity, tokensPerSecond]);
}
