using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.Chaos;

/// <summary>
/// Random faults under load. At the end every acknowledged write is looked for. What is missing must have been lost by asynchronous
/// replication: the connection reported as many bytes as possibly lost; or it is on the disk of a master that died, or of one of which the
/// connection said, when it left it, that it cannot know (it died, and was back before the replica that was promoted could copy it again).
/// Anything else is this library's fault.
/// </summary>
[Trait("Alone", "process")]
public sealed class ChaosTests
{
    // A write of ours in the replication stream is at least as long: *3 $3 SET $7 set:0:0 $1 0.
    private const int BytesOfAWrite = 35;

    private const long MemoryGrowth = 64 * 1024 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RandomFaults_UnderLoad_LoseNothingThatReplicationDidNot()
    {
        await using var deployment = await ChaosDeployment.StartAsync(ChaosSettings.Seed, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(deployment.Options(), Token);
        var possiblyLostBytes = 0L;
        connection.MasterChanged += (_, change) =>
        {
            Interlocked.Add(ref possiblyLostBytes, change.PossiblyLostBytes ?? 0);
            if (change is { PossiblyLostBytes: null, Previous.Port: var port })
                deployment.Keep(port);
            deployment.Note($"  {change.Previous} → {change.Current}: {change.Cause}, {change.PossiblyLostBytes?.ToString() ?? "unknown"} bytes lost");
        };
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var published = 0;
        await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("news"), (_, _) => Interlocked.Increment(ref published));
        var (streams, sockets) = (connection.LiveStreams, await OpenSockets.CountWhenSettledAsync(Token));
        var (timers, memory) = (Timer.ActiveCount, GC.GetTotalMemory(forceFullCollection: true));
        var writers = new ChaosWriters(multiplexer.GetDatabase());

        await deployment.CauseFaultsAsync(ChaosSettings.Length, Token);

        var master = await deployment.SettleAsync(Token);
        await Eventually.TrueAsync(() => connection.Master?.Port == master.Port && connection.Phase == ConvoyRedisPhase.Following, Token);
        await writers.StopAsync();
        var acknowledged = writers.Acknowledged.ToList();
        var found = await ChaosWriters.FindAsync(master, acknowledged, Token);
        var missing = acknowledged.Where(write => !found.Contains(write)).ToList();
        var onDisk = await deployment.FindOnFormerMastersAsync(missing, Token);
        var ours = missing.Count(write => !onDisk.Contains(write));
        var counter = int.Parse((await master.ExecuteAsync("GET", "counter")).Text!);
        var story = $"Seed {ChaosSettings.Seed}: {acknowledged.Count} acknowledged, {writers.Failed} failed, {missing.Count} lost, of which {ours} "
            + $"on no former master's disk; {possiblyLostBytes} bytes reported as possibly lost.\n{string.Join('\n', deployment.Story)}";
        TestContext.Current.SendDiagnosticMessage(story);

        Assert.True(ours * BytesOfAWrite <= possiblyLostBytes, story);
        Assert.Empty(writers.Wrong);
        Assert.InRange(counter, missing.Count == 0 ? writers.Counted.AtLeast : 0, writers.Counted.AtMost);
        Assert.True(writers.Failed < acknowledged.Count / 10, story);

        var before = published;
        await multiplexer.GetSubscriber().PublishAsync(RedisChannel.Literal("news"), "again");
        await Eventually.TrueAsync(() => published > before, Token);
        (acknowledged, found, missing) = ([], [], []);
        writers.Acknowledged.Clear();
        await Eventually.TrueAsync(
            () => connection.LiveStreams == streams && OpenSockets.Count() <= sockets && Timer.ActiveCount <= timers + 8
                && GC.GetTotalMemory(forceFullCollection: true) < memory + MemoryGrowth,
            Token);
    }
}
