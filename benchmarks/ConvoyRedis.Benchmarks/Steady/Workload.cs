using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>What a caller does again and again: some commands, one after the other.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Commands">The commands of one turn.</param>
/// <param name="RunAsync">A turn of the caller with this number.</param>
internal sealed record Workload(string Name, int Commands, Func<IDatabase, int, Task> RunAsync)
{
    private const int Limit = 100, WindowSeconds = 1;

    private static readonly byte[] Small = new byte[100], Large = new byte[10 * 1024];

    // A fixed window, as rate limiters have it: count, begin the window, say whether there is room.
    private static readonly string RateLimiter =
        "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end return n <= tonumber(ARGV[1])";

    public static IReadOnlyList<Workload> All { get; } =
    [
        new("GET, SET of 100 B", 2, (database, caller) => SetGetAsync(database, caller, Small)),
        new("GET, SET of 10 KiB", 2, (database, caller) => SetGetAsync(database, caller, Large)),
        new("LPUSH, RPOP", 2, async (database, caller) =>
        {
            await database.ListLeftPushAsync($"list:{caller}", Small);
            await database.ListRightPopAsync($"list:{caller}");
        }),
        new("INCR", 1, (database, caller) => database.StringIncrementAsync($"counter:{caller}")),
        new("rate limiter in Lua", 1, (database, caller) => database.ScriptEvaluateAsync(RateLimiter, [$"limit:{caller}"], [Limit, WindowSeconds])),
    ];

    private static async Task SetGetAsync(IDatabase database, int caller, byte[] value)
    {
        await database.StringSetAsync($"key:{caller}", value);
        await database.StringGetAsync($"key:{caller}");
    }
}
