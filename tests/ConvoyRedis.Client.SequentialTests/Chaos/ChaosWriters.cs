using System.Collections.Concurrent;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.Chaos;

/// <summary>
/// Writers as Convoy's services have them: each pushes numbered items to a list of its own, sets keys and reads them again, and counts. What
/// was acknowledged is written down as <c>set:3:17</c> or <c>list:3:17</c>: writer 3, number 17.
/// </summary>
internal sealed class ChaosWriters
{
    private const int Count = 8;
    private const int KeysOfAQuestion = 500;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly List<Task> _writing;
    private volatile bool _isStopped;
    private int _failed;
    private int _increments;

    public ChaosWriters(IDatabase database) => _writing = [.. Enumerable.Range(0, Count).Select(writer => Task.Run(() => WriteAsync(database, writer)))];

    public ConcurrentQueue<string> Acknowledged { get; } = [];

    /// <summary>Replies that were not to the question.</summary>
    public ConcurrentQueue<string> Wrong { get; } = [];

    public int Failed => Volatile.Read(ref _failed);

    /// <summary>How far the counter was certainly and possibly counted.</summary>
    public (int AtLeast, int AtMost) Counted => (_increments, _increments + Failed);

    public async Task StopAsync()
    {
        _isStopped = true;
        await Task.WhenAll(_writing).WaitAsync(Bound);
    }

    /// <summary>Which of these writes a server has.</summary>
    public static async Task<HashSet<string>> FindAsync(RedisServer server, IEnumerable<string> writes, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>();
        foreach (var kind in writes.ToLookup(write => write.StartsWith("list:", StringComparison.Ordinal)))
        {
            if (kind.Key)
            {
                foreach (var list in kind.Select(write => write[..write.LastIndexOf(':')]).Distinct())
                    found.UnionWith((await server.ExecuteAsync(["LRANGE", list, "0", "-1"], cancellationToken)).Items.Select(item => $"{list}:{item.Text}"));
                continue;
            }

            foreach (var keys in kind.Chunk(KeysOfAQuestion))
            {
                var values = (await server.ExecuteAsync(["MGET", .. keys], cancellationToken)).Items;
                found.UnionWith(keys.Where((_, index) => values[index].Text is not null));
            }
        }

        return found;
    }

    private async Task WriteAsync(IDatabase database, int writer)
    {
        for (var number = 0; !_isStopped; number++)
        {
            try
            {
                await database.StringSetAsync($"set:{writer}:{number}", number);
                Acknowledged.Enqueue($"set:{writer}:{number}");
                await database.ListRightPushAsync($"list:{writer}", number);
                Acknowledged.Enqueue($"list:{writer}:{number}");
                await database.StringIncrementAsync("counter");
                Interlocked.Increment(ref _increments);

                // Absent it may be, if a failover lost it, which is found out later; but never another one's.
                var read = await database.StringGetAsync($"set:{writer}:{number}");
                if (!read.IsNull && read != number)
                    Wrong.Enqueue($"set:{writer}:{number} is {read}");
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                Interlocked.Increment(ref _failed);
            }

            await Task.Delay(1);
        }
    }
}
