using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.Handover;

/// <summary>A planned failover under load: no command fails, nothing that was acknowledged is lost, nothing is applied twice.</summary>
public sealed class PlannedFailoverTests
{
    private const int Counters = 16;

    // In the replication stream an INCR is at least as long: *2 $4 INCR $9 counter:0.
    private const int BytesOfAnIncrement = 29;

    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(1.5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(64, 100)]
    [InlineData(1, 100)]
    [InlineData(256, 10 * 1024)]
    public Task Load_PlannedFailover_LosesNothing(int writers, int bytes) =>
        AssertLosesNothingAsync("plain", new SentinelOptions(), _ => { }, writers, bytes);

    [Fact]
    public Task Load_TlsOnAllLinksAndAclUsers_LosesNothing() => AssertLosesNothingAsync(
        "TLS on all links, with client certificates, and ACL users",
        new SentinelOptions
        {
            Tls = new TlsSettings { DemandClientCertificate = true },
            SentinelPassword = "for sentinels",
            NodeConfiguration = ["user app on >s3cret ~* &* +@all"],
        },
        options => (options.Username, options.Password) = ("app", "s3cret"),
        writers: 32,
        bytes: 1000);

    [Fact]
    public Task Load_AnnouncedMode_LosesNothing() => AssertLosesNothingAsync(
        "announced mode", new SentinelOptions(), options => options.FailoverMode = FailoverMode.Announced, writers: 16, bytes: 100);

    [Fact]
    [Trait("Alone", "process")]
    public async Task Load_FailoversInARow_NoCommandFailsAndNothingIsLeftBehind()
    {
        var times = Soak.Figure(inTest: 3, inSoak: 50);
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.PingAsync();
        var (streams, sockets, timers) = (connection.LiveStreams, await OpenSockets.CountWhenSettledAsync(Token), Timer.ActiveCount);

        // Counters, which do not grow however long it takes.
        var (isStopped, possiblyLost, failed) = (false, 0L, 0);
        var counting = Enumerable.Range(0, Counters).Select(counter => Task.Run(async () =>
        {
            var counted = 0L;
            while (!Volatile.Read(ref isStopped))
            {
                try
                {
                    await database.StringIncrementAsync($"counter:{counter}");
                    counted++;
                }
                catch (RedisConnectionException)
                {
                    Interlocked.Increment(ref failed);
                }

                await Task.Delay(1);
            }

            return counted;
        })).ToList();
        for (var round = 0; round < times; round++)
        {
            await topology.WaitUntilSettledAsync(Token);
            possiblyLost += Assert.NotNull((await FailOverAsync(topology, connection)).PossiblyLostBytes);
        }

        Volatile.Write(ref isStopped, true);
        var acknowledged = (await Task.WhenAll(counting).WaitAsync(TimeSpan.FromSeconds(20), Token)).Sum();
        var applied = 0L;
        for (var counter = 0; counter < Counters; counter++)
            applied += (long)await database.StringGetAsync($"counter:{counter}");
        Assert.InRange(applied, 1, acknowledged + failed);
        Assert.True((acknowledged - applied) * BytesOfAnIncrement <= possiblyLost, $"{acknowledged} acknowledged, {applied} applied, {possiblyLost} bytes reported.");
        Assert.InRange(failed, 0, possiblyLost == 0 ? 0 : int.MaxValue);
        await topology.WaitUntilSettledAsync(Token);
        await Eventually.TrueAsync(
            () => connection.LiveStreams == streams && OpenSockets.Count() <= sockets && Timer.ActiveCount <= timers + 8, Token);
        Soak.Report($"{times} planned failovers in a row, {Counters} callers of INCR", $"{failed} of {acknowledged} commands failed, {acknowledged - applied} lost "
            + $"({possiblyLost} bytes reported), none applied twice; streams, sockets and timers as after the first connection");
    }

    [Fact]
    public async Task Load_PromotionDoesNotCome_IsReleasedToTheOldMasterAndHandedOverWhenItDoes()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { FailoverTimeout = TimeSpan.FromSeconds(30) }, Token);
        var options = topology.Options();
        options.HoldDeadline = TimeSpan.FromMilliseconds(500);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await using var load = new Load(database, writers: 16, bytes: 100);
        var master = await topology.GetMasterAsync(Token);
        var replicas = topology.Nodes.Where(node => node != master).ToList();
        var changed = ChangeOf(connection);

        // Within down-after, so that the sentinels still think well of them.
        await Task.WhenAll(replicas.Select(replica => replica.HangAsync()));
        await topology.FailoverAsync(Token);
        await Eventually.TrueAsync(() => connection.Phase == ConvoyRedisPhase.Holding, Token);
        await Eventually.TrueAsync(() => connection.Phase == ConvoyRedisPhase.FailingOver, Token);
        var before = load.Acknowledged;
        await Eventually.TrueAsync(() => load.Acknowledged > before + 100, Token);
        Assert.Equal(master.Port, connection.Master!.Value.Port);
        Assert.False(changed.IsCompleted);

        await Task.WhenAll(replicas.Select(replica => replica.ResumeAsync()));
        var change = await changed.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await load.StopAsync();

        // A replica that goes on is promoted before it has copied everything: what was in flight then fails, rather than to be acknowledged.
        Assert.True(load.Errors.IsEmpty || change.PossiblyLostBytes > 0, $"{load.Errors.Count} calls failed.");
        Assert.NotEqual(master.Port, connection.Master!.Value.Port);
    }

    private static async Task AssertLosesNothingAsync(string what, SentinelOptions lab, Action<ConvoyRedisOptions> configure, int writers, int bytes)
    {
        var times = Soak.Figure(inTest: 1, inSoak: writers == 64 ? 20 : 5);
        var (longest, writes) = (new List<TimeSpan>(), 0);
        for (var drill = 0; drill < times; drill++)
        {
            await Lossless.AssertAsync(async () =>
            {
                var topology = await SentinelTopology.StartAsync(lab, Token);
                var options = topology.Options();
                configure(options);
                await using var owned = topology;
                await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
                var multiplexer = await connection.GetMultiplexerAsync(Token);
                var failures = new List<ConnectionFailedEventArgs>();
                multiplexer.ConnectionFailed += (_, failure) => failures.Add(failure);
                await using var load = new Load(multiplexer.GetDatabase(), writers, bytes);
                await Eventually.TrueAsync(() => load.Acknowledged > writers * 10, Token);

                var change = await FailOverAsync(topology, connection);
                var after = load.Acknowledged;
                await Eventually.TrueAsync(() => load.Acknowledged > after + (writers * 10), Token);
                await load.StopAsync();
                var (missing, repeated) = await load.CheckAsync();

                Assert.Equal(0, repeated);
                Assert.True(load.Longest < LongestCall, $"The longest call took {load.Longest.TotalMilliseconds:F0} ms.");
                longest.Add(load.Longest);
                writes += load.Acknowledged * 3;
                void Check()
                {
                    Assert.Equal(0, missing);
                    Assert.Empty(load.Errors);
                    Assert.DoesNotContain(failures, failure => failure.ConnectionType == ConnectionType.Interactive);
                }

                return (change.PossiblyLostBytes, Check);
            });
        }

        Soak.Report($"planned failover, {writers} writers of {bytes} bytes, {what}, {times} drills",
            $"0 of {writes} writes failed, lost or applied twice, in {longest.Count - times} more drills the replica lagged; longest call: {Soak.Milliseconds(longest)}");
    }

    private static async Task<MasterChangedEventArgs> FailOverAsync(SentinelTopology topology, ConvoyRedisConnection connection)
    {
        var changed = ChangeOf(connection);
        await topology.FailoverAsync(Token);
        return await changed.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    private static Task<MasterChangedEventArgs> ChangeOf(ConvoyRedisConnection connection)
    {
        var changed = new TaskCompletionSource<MasterChangedEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.MasterChanged += (_, change) => changed.TrySetResult(change);
        return changed.Task;
    }
}
