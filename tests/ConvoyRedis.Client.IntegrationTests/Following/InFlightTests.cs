using System.Collections.Concurrent;
using System.Diagnostics;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>What happens to commands that are under way when the master goes, and to those that are issued until the next one is there.</summary>
public sealed class InFlightTests
{
    private const int Writers = 16;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(false, 10)]
    public async Task MasterKilledOrHung_NoMoreFailThanWereInFlightAtTheCut(bool isHung, int downAfterSeconds)
    {
        var times = Soak.Figure(inTest: 1, inSoak: 5);
        var failedMost = 0;
        for (var run = 0; run < times; run++)
        {
            await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { DownAfter = TimeSpan.FromSeconds(downAfterSeconds) }, Token);
            await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
            var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
            var (errors, written, isStopped) = (new ConcurrentQueue<Exception>(), 0, false);
            var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
            {
                for (var number = 0; !Volatile.Read(ref isStopped); number++)
                {
                    try
                    {
                        await database.StringSetAsync($"key:{writer}:{number}", number);
                        Interlocked.Increment(ref written);
                    }
                    catch (Exception exception)
                    {
                        errors.Enqueue(exception);
                    }
                }
            })).ToList();
            await Eventually.TrueAsync(() => Volatile.Read(ref written) > 1000, Token);

            var master = await topology.GetMasterAsync(Token);
            if (isHung)
                await master.HangAsync();
            else
                await master.KillAsync();
            await Eventually.TrueAsync(() => connection.Master?.Port != master.Port, Token);
            var before = Volatile.Read(ref written);
            await Eventually.TrueAsync(() => Volatile.Read(ref written) > before + 1000, Token);
            Volatile.Write(ref isStopped, true);
            await Task.WhenAll(writing).WaitAsync(Bound, Token);

            // Each writer had one command under way; those that it issued afterwards waited for the next master.
            Assert.All(errors, error => Assert.IsType<RedisConnectionException>(error));
            Assert.InRange(errors.Count, 0, Writers);
            failedMost = Math.Max(failedMost, errors.Count);
        }

        Soak.Report($"master {(isHung ? "hung" : "killed")}, down-after {downAfterSeconds} s, {Writers} commands in flight, {times} times",
            $"at most {failedMost} commands failed, none of those issued later");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Announcements_AfterTheMove_MoveNothingAgain(bool isPlanned)
    {
        // Long enough that nobody takes the new master for down, and fails over once more, on a busy machine.
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { DownAfter = TimeSpan.FromSeconds(3) }, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("news"), (_, _) => { });
        var (changes, failures) = (new ConcurrentQueue<MasterChangedEventArgs>(), new ConcurrentQueue<ConnectionFailedEventArgs>());
        connection.MasterChanged += (_, change) => changes.Enqueue(change);

        if (isPlanned)
            await topology.FailoverAsync(Token);
        else
            await (await topology.GetMasterAsync(Token)).KillAsync();
        await Eventually.TrueAsync(() => !changes.IsEmpty, Token);
        await multiplexer.GetDatabase().StringSetAsync("key", "value");
        await Eventually.TrueAsync(() => multiplexer.GetSubscriber().IsConnected(), Token);
        multiplexer.ConnectionFailed += (_, failure) => failures.Enqueue(failure);
        await Eventually.TrueAsync(() => topology.Sentinels.All(sentinel => sentinel.ReadLog().Contains("+switch-master", StringComparison.Ordinal)), Token);
        await Task.Delay(TimeSpan.FromSeconds(2), Token);

        var change = Assert.Single(changes);
        Assert.True(change.IsTentative);
        Assert.Equal(change.Current, connection.Master);
        Assert.True(connection.Epoch > change.Epoch);
        Assert.Empty(failures);

        // What led to it: the leader chose and ordered, the candidate said that it is the master.
        var steps = change.Timeline.Select(step => step.What).ToList();
        Assert.Contains(steps, step => step.Contains($"says PromotionOrdered of {change.Previous} for {change.Current}", StringComparison.Ordinal));
        Assert.Contains($"{change.Current} is a master", steps);
        Assert.Equal(isPlanned, steps.Contains("hold the streams"));
        Assert.Equal(!isPlanned, steps.Any(step => step.Contains("says ObjectivelyDown", StringComparison.Ordinal)));
        Assert.Equal(change.Timeline.OrderBy(step => step.At), change.Timeline);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BlockingXRead_InFlight_EndsAndIsAskedAgainOnTheNewMaster(bool isPlanned)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);

        // On a connection of its own: a command that blocks holds up every other one behind it.
        await using var reading = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        await using var writing = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var reader = (await reading.GetMultiplexerAsync(Token)).GetDatabase();
        var writer = (await writing.GetMultiplexerAsync(Token)).GetDatabase();
        var old = await topology.GetMasterAsync(Token);
        var blocked = reader.ExecuteAsync("XREAD", "BLOCK", "0", "STREAMS", "stream", "$");
        await Eventually.TrueAsync(async () => await old.GetInfoAsync("blocked_clients", Token) == "1", Token);

        var began = Stopwatch.GetTimestamp();
        if (isPlanned)
            await topology.FailoverAsync(Token);
        else
            await old.KillAsync();

        // Nobody can say what a blocked command would have returned: it fails, well before its timeout, and is not repeated.
        await Assert.ThrowsAsync<RedisConnectionException>(() => blocked);
        Assert.True(Stopwatch.GetElapsedTime(began) < reading.Target.CommandTimeout / 2);
        await Eventually.TrueAsync(() => reading.Master?.Port != old.Port, Token);
        var again = reader.ExecuteAsync("XREAD", "BLOCK", "0", "STREAMS", "stream", "0");
        await writer.StreamAddAsync("stream", "field", "value");
        Assert.Contains("value", string.Join(' ', Flat(await again)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TransactionScriptAndScan_InFlight_GoOnOnTheNewMaster(bool isPlanned)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var database = multiplexer.GetDatabase();
        await database.HashSetAsync("hash", [.. Enumerable.Range(0, 2000).Select(number => new HashEntry(number, number))]);
        await topology.WaitUntilSettledAsync(Token);
        var (errors, isStopped) = (new ConcurrentQueue<Exception>(), false);
        Task RepeatAsync(Func<Task> work) => Task.Run(async () =>
        {
            while (!Volatile.Read(ref isStopped))
            {
                try
                {
                    await work();
                }
                catch (Exception exception)
                {
                    errors.Enqueue(exception);
                }
            }
        });
        Task[] working =
        [
            RepeatAsync(async () =>
            {
                // With a condition only where the connection stays: StackExchange.Redis may stall on one that was queued while it
                // was disconnected (docs/guarantees.md, "What is not").
                var transaction = database.CreateTransaction();
                if (isPlanned)
                    transaction.AddCondition(Condition.KeyNotExists("never"));
                _ = transaction.StringIncrementAsync("counter").ContinueWith(increment => increment.Exception, TaskScheduler.Default);
                Assert.True(await transaction.ExecuteAsync());
            }),
            RepeatAsync(() => database.ScriptEvaluateAsync("return redis.call('INCR', KEYS[1])", ["script"])),
            RepeatAsync(async () => Assert.True(await database.HashScanAsync("hash", pageSize: 100).CountAsync(CancellationToken.None) > 0)),
        ];

        var old = await topology.GetMasterAsync(Token);
        if (isPlanned)
            await topology.FailoverAsync(Token);
        else
            await old.KillAsync();
        await Eventually.TrueAsync(() => connection.Master?.Port != old.Port, Token);
        var master = topology.Nodes.Single(node => node.Port == connection.Master!.Value.Port);
        foreach (var key in new[] { "counter", "script" })
        {
            var before = (await master.ExecuteAsync("GET", key)).Text;
            await Eventually.TrueAsync(async () => (await master.ExecuteAsync("GET", key)).Text != before, Token);
        }

        Volatile.Write(ref isStopped, true);
        await Task.WhenAll(working).WaitAsync(Bound, Token);
        Assert.All(errors, error => Assert.IsType<RedisConnectionException>(error));
        Assert.InRange(errors.Count, 0, isPlanned ? 0 : working.Length);
        Assert.Equal(2000, await database.HashScanAsync("hash", pageSize: 100).Select(entry => (int)entry.Name).Distinct().CountAsync(Token));
    }

    private static IEnumerable<string> Flat(RedisResult result) =>
        result.Length < 0 ? [result.ToString()] : Enumerable.Range(0, result.Length).SelectMany(index => Flat(result[index]));
}
