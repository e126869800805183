using ConvoyRedis.Testing;

namespace ConvoyRedis.Tests;

/// <summary>A queue as Convoy's library Asynq keeps it.</summary>
internal static class AsynqQueues
{
    /// <summary>Writes the queue <c>default</c>, with two pending tasks, an active one, and a scheduled one.</summary>
    public static async Task FillAsync(RedisServer master)
    {
        await master.ExecuteAsync("SADD", "asynq:queues", "default");
        await master.ExecuteAsync("RPUSH", "asynq:{default}:pending", "one", "two");
        await master.ExecuteAsync("RPUSH", "asynq:{default}:active", "three");
        await master.ExecuteAsync("ZADD", "asynq:{default}:scheduled", "1", "four");
    }
}
