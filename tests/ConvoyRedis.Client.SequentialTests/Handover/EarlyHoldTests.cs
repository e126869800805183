using System.Globalization;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.Handover;

/// <summary>
/// A planned failover while the replicas are stalled, and the master has written more than they copy between the order of a promotion and the promotion: the
/// commands are held as soon as the failover begins. The sentinel that leads it is stopped until the replicas go on, so that their stall, and not the
/// machine, decides; it has told of the beginning by then.
/// </summary>
public sealed class EarlyHoldTests
{
    private const int Writes = 64, BytesOfAWrite = 128 * 1024;

    /// <summary>Longer than anything here takes: no sentinel takes a stalled replica for down.</summary>
    private static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task PlannedFailover_ReplicasLag_IsHeldBeforeTheOrderAndLosesNothing() => Lossless.AssertAsync(async () =>
    {
        await using var scene = await Scene.StartAsync(holdDeadline: Bound);

        await scene.FailOverUntilHeldAsync();
        var held = scene.Database.StringSetAsync("held", 1);
        await scene.CatchUpAsync();
        Assert.False(held.IsCompleted);

        var change = await scene.PromoteAsync();
        await held.WaitAsync(Bound, Token);
        AssertInOrder(change, "hold the streams", "PromotionOrdered", "is a master", "hand over");
        AssertInOrder(change, "a replica may lack", "PromotionOrdered");
        return await scene.EndAsync(change);
    });

    [Fact]
    public Task PlannedFailover_ReplicasLagAndNoOrderComes_IsReleasedAtTheDeadlineAndHeldAgain() => Lossless.AssertAsync(async () =>
    {
        await using var scene = await Scene.StartAsync(holdDeadline: TimeSpan.FromMilliseconds(500));

        await scene.FailOverUntilHeldAsync();
        await Eventually.TrueAsync(() => scene.Connection.Phase != ConvoyRedisPhase.Holding, Token);
        Assert.Equal(scene.Master, scene.Connection.Master!.Value.Port);
        await scene.Writer.WaitForNextAsync(Token).WaitAsync(Bound, Token);
        await scene.CatchUpAsync();

        var change = await scene.PromoteAsync();
        AssertInOrder(change, "hold the streams", "release the streams", "PromotionOrdered", "hold the streams", "hand over");
        return await scene.EndAsync(change);
    });

    private static void AssertInOrder(MasterChangedEventArgs change, params string[] steps)
    {
        var next = 0;
        foreach (var step in change.Timeline)
            next += next < steps.Length && step.What.Contains(steps[next], StringComparison.Ordinal) ? 1 : 0;
        Assert.True(next == steps.Length, $"'{steps.ElementAtOrDefault(next)}' is missing or out of order:\n{string.Join('\n', change.Timeline)}");
    }

    /// <summary>A deployment whose replicas lag, and a caller that writes all the time.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        private readonly SentinelTopology _topology;
        private readonly TaskCompletionSource<MasterChangedEventArgs> _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private Scene(SentinelTopology topology, ConvoyRedisConnection connection, IDatabase database, RedisServer master, CountingWriter writer)
        {
            (_topology, Connection, Database, Writer, Master) = (topology, connection, database, writer, master.Port);
            Replicas = [.. topology.Nodes.Where(node => node != master)];
            connection.MasterChanged += (_, change) => _changed.TrySetResult(change);
        }

        public ConvoyRedisConnection Connection { get; }

        public IDatabase Database { get; }

        public CountingWriter Writer { get; }

        public int Master { get; }

        private IReadOnlyList<RedisServer> Replicas { get; }

        private RedisServer Leader => _topology.Sentinels[0];

        public static async Task<Scene> StartAsync(TimeSpan holdDeadline)
        {
            var topology = await SentinelTopology.StartAsync(new SentinelOptions { DownAfter = DownAfter }, Token);
            var options = topology.Options();
            (options.HoldDeadline, options.CommandTimeout) = (holdDeadline, holdDeadline * 3);
            var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
            var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
            var scene = new Scene(topology, connection, database, await topology.GetMasterAsync(Token), await CountingWriter.StartAsync(database));
            await Task.WhenAll(scene.Replicas.Select(replica => replica.HangAsync()));
            var value = new byte[BytesOfAWrite];
            await Task.WhenAll(Enumerable.Range(0, Writes).Select(number => database.StringSetAsync($"copied:{number}", value)));
            return scene;
        }

        public async Task FailOverUntilHeldAsync()
        {
            await _topology.FailoverAsync(Token);
            await Leader.HangAsync();
            await Eventually.TrueAsync(() => Connection.Phase == ConvoyRedisPhase.Holding, Token);
        }

        public async Task CatchUpAsync()
        {
            await Task.WhenAll(Replicas.Select(replica => replica.ResumeAsync()));
            var master = _topology.Nodes.Single(node => node.Port == Master);
            var written = Number(await master.GetInfoAsync("master_repl_offset", Token));
            await Eventually.TrueAsync(
                async () => (await Task.WhenAll(Replicas.Select(replica => replica.GetInfoAsync("slave_repl_offset", Token)))).All(copied => Number(copied) >= written), Token);
        }

        public async Task<MasterChangedEventArgs> PromoteAsync()
        {
            await Leader.ResumeAsync();
            return await _changed.Task.WaitAsync(Bound, Token);
        }

        /// <summary>What was reported lost, and the check that nothing is missing and nothing failed.</summary>
        public async Task<(long? PossiblyLostBytes, Action Check)> EndAsync(MasterChangedEventArgs change)
        {
            await Writer.WaitForNextAsync(Token).WaitAsync(Bound, Token);
            await Writer.StopAsync();
            Assert.NotEqual(Master, Connection.Master!.Value.Port);
            var keys = Writer.Acknowledged.Select(write => write.Key).Concat(Enumerable.Range(0, Writes).Select(number => $"copied:{number}")).ToList();
            var found = await Task.WhenAll(keys.Select(key => Database.KeyExistsAsync(key)));
            void Check()
            {
                Assert.Empty(Writer.Failed);
                Assert.DoesNotContain(false, found);
            }

            return (change.PossiblyLostBytes, Check);
        }

        private static long Number(string? text) => long.Parse(text!, CultureInfo.InvariantCulture);

        public async ValueTask DisposeAsync()
        {
            await Writer.DisposeAsync();
            await Connection.DisposeAsync();
            await _topology.DisposeAsync();
        }
    }
}
