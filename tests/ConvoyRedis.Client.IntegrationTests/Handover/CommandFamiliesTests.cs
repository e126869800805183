using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Handover;

/// <summary>Every family of commands that StackExchange.Redis sends, under way while the stream is handed over.</summary>
public sealed class CommandFamiliesTests
{
    private static readonly Dictionary<string, Func<IDatabase, CancellationToken, Task>> Families = new()
    {
        ["transactions with a condition"] = TransactionsAsync,
        ["transactions of 48 KB"] = LargeTransactionsAsync,
        ["scripts"] = ScriptsAsync,
        ["scripts that nobody waits for"] = UnawaitedScriptsAsync,
        ["several databases"] = DatabasesAsync,
        ["batches"] = BatchesAsync,
        ["scans"] = ScansAsync,
        ["streams with a consumer group"] = StreamsAsync,
        ["large values"] = LargeValuesAsync,
        ["writes that nobody waits for"] = UnawaitedAsync,
        ["synchronous calls"] = SynchronousAsync,
    };

    public static TheoryData<string> Names => [.. Families.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Family_PlannedFailover_NoneFailsOrIsLost(string family) => FailoverUnder.AssertLosslessAsync(family, Families[family]);

    private static async Task TransactionsAsync(IDatabase database, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var transaction = database.CreateTransaction();
            transaction.AddCondition(number == 0 ? Condition.KeyNotExists("t") : Condition.StringEqual("t", number - 1));
            var set = transaction.StringSetAsync("t", number);
            var pushed = transaction.ListRightPushAsync("t:list", number);
            Assert.True(await transaction.ExecuteAsync());
            Assert.True(await set);
            Assert.Equal(number + 1, await pushed);
        }
    }

    private static async Task LargeTransactionsAsync(IDatabase database, CancellationToken stop)
    {
        var value = new string('x', 12 * 1024);
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var transaction = database.CreateTransaction();
            var pushes = Enumerable.Range(0, 4).Select(part => transaction.ListRightPushAsync("l", $"{number}:{part}:{value}")).ToList();
            Assert.True(await transaction.ExecuteAsync());
            Assert.Equal((number + 1) * 4, (await Task.WhenAll(pushes))[^1]);
        }
    }

    private static async Task ScriptsAsync(IDatabase database, CancellationToken stop)
    {
        for (var number = 1; !stop.IsCancellationRequested; number++)
        {
            var result = await database.ScriptEvaluateAsync("return redis.call('INCRBY', KEYS[1], ARGV[1])", ["s"], [1]);
            Assert.Equal(number, (int)result);
        }
    }

    private static async Task UnawaitedScriptsAsync(IDatabase database, CancellationToken stop)
    {
        var number = 0;
        for (; !stop.IsCancellationRequested; number++)
        {
            await database.ScriptEvaluateAsync("return redis.call('INCR', KEYS[1])", ["u"], flags: CommandFlags.FireAndForget);
            if (number % 10 == 0)
                await database.PingAsync();
        }

        await database.PingAsync();
        Assert.Equal(number, (int)await database.StringGetAsync("u"));
    }

    private static async Task DatabasesAsync(IDatabase database, CancellationToken stop)
    {
        int[] indexes = [0, 3, 7];
        var number = 0;
        for (; !stop.IsCancellationRequested; number++)
            await Task.WhenAll(indexes.Select(index => database.Multiplexer.GetDatabase(index).StringIncrementAsync($"d{index}")));

        foreach (var index in indexes)
        {
            Assert.Equal(number, (int)await database.Multiplexer.GetDatabase(index).StringGetAsync($"d{index}"));
            Assert.Equal(1, (int)await database.Multiplexer.GetDatabase(index).ExecuteAsync("DBSIZE"));
        }
    }

    private static async Task BatchesAsync(IDatabase database, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var batch = database.CreateBatch();
            var increments = Enumerable.Range(0, 50).Select(_ => batch.StringIncrementAsync("b")).ToList();
            batch.Execute();
            Assert.Equal(Enumerable.Range((number * 50) + 1, 50).Select(expected => (long)expected), await Task.WhenAll(increments));
        }
    }

    private static async Task ScansAsync(IDatabase database, CancellationToken stop)
    {
        const int Keys = 2000;
        await Task.WhenAll(Enumerable.Range(0, Keys).Select(number => database.HashSetAsync("h", number, number)));
        while (!stop.IsCancellationRequested)
        {
            // A cursor belongs to the node that gave it: on another it may pass over some, as Redis has it, but it is no error.
            var seen = await database.HashScanAsync("h", pageSize: 100).Select(entry => (int)entry.Name).ToListAsync(CancellationToken.None);
            Assert.All(seen, number => Assert.InRange(number, 0, Keys - 1));
        }

        Assert.Equal(Keys, await database.HashScanAsync("h", pageSize: 100).CountAsync(CancellationToken.None));
    }

    private static async Task StreamsAsync(IDatabase database, CancellationToken stop)
    {
        await database.StreamCreateConsumerGroupAsync("x", "group", "0", createStream: true);
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            await database.StreamAddAsync("x", "number", number);
            var entry = Assert.Single(await database.StreamReadGroupAsync("x", "group", "consumer", ">", count: 10));
            Assert.Equal(number, (int)entry["number"]);
            Assert.Equal(1, await database.StreamAcknowledgeAsync("x", "group", entry.Id));
        }
    }

    private static async Task LargeValuesAsync(IDatabase database, CancellationToken stop)
    {
        var value = new byte[4 * 1024 * 1024];
        new Random(1).NextBytes(value);
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            await database.StringSetAsync($"v{number % 4}", value);
            var got = (byte[]?)await database.StringGetAsync($"v{number % 4}");
            Assert.True(value.AsSpan().SequenceEqual(got));
        }
    }

    private static async Task UnawaitedAsync(IDatabase database, CancellationToken stop)
    {
        var number = 0;
        for (; !stop.IsCancellationRequested; number++)
        {
            await database.StringIncrementAsync("f", flags: CommandFlags.FireAndForget);
            if (number % 100 == 0)
                await database.PingAsync();
        }

        await database.PingAsync();
        Assert.Equal(number, (int)await database.StringGetAsync("f"));
    }

    private static Task SynchronousAsync(IDatabase database, CancellationToken stop) => Task.Run(() =>
    {
        for (var number = 1; !stop.IsCancellationRequested; number++)
            Assert.Equal(number, database.StringIncrement("y"));
    }, CancellationToken.None);
}
