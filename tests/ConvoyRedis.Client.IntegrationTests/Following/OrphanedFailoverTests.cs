using System.Collections.Concurrent;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>
/// The leader of a planned failover dies between the promotion and its announcement. The other sentinels know nothing of it, keep the old
/// master, and make the promoted node its replica again some 10 s later.
/// </summary>
public sealed class OrphanedFailoverTests
{
    // A write of CountingWriter in the replication stream: *3 $3 SET $10 counting:0 $1 1.
    private const int BytesOfAWrite = 38;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LeaderDies_BeforeItAnnounces_GoesBackAndLosesNoMoreThanItReports()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var leader = topology.Sentinels[0];
        var old = connection.Master!.Value;
        var changes = new ConcurrentQueue<MasterChangedEventArgs>();
        var isSettled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.MasterChanged += (_, change) =>
        {
            changes.Enqueue(change);
            if (change.IsTentative)
                leader.KillAsync().GetAwaiter().GetResult();
            else
                isSettled.TrySetResult();
        };
        await using var writer = await CountingWriter.StartAsync((await connection.GetMultiplexerAsync(Token)).GetDatabase());

        await topology.FailoverAsync(Token);
        await Eventually.TrueAsync(() => !changes.IsEmpty, Token);

        // It asks the candidate each second, and may have seen the promotion at once; then it stands.
        var isAnnounced = leader.ReadLog().Contains("+promoted-slave", StringComparison.Ordinal);
        if (!isAnnounced)
            await isSettled.Task.WaitAsync(Bound, Token);
        await Eventually.TrueAsync(() => connection.Phase == ConvoyRedisPhase.Following, Token);
        await writer.WaitForNextAsync(Token).WaitAsync(Bound, Token);
        await writer.StopAsync();

        Assert.Equal(isAnnounced ? changes.First().Current : old, connection.Master);
        var master = topology.Nodes.Single(node => node.Port == connection.Master!.Value.Port);
        var reported = changes.Sum(change => Assert.NotNull(change.PossiblyLostBytes));
        var missing = 0;
        foreach (var (key, _) in writer.Acknowledged)
            missing += (await master.ExecuteAsync("EXISTS", key)).Text == "1" ? 0 : 1;
        TestContext.Current.SendDiagnosticMessage($"{writer.Acknowledged.Count} acknowledged, {missing} lost, {reported} bytes reported.");
        Assert.InRange(missing * BytesOfAWrite, 0, reported);

        // A write that was in flight when the node was left fails, if the other one lacks something.
        Assert.InRange(writer.Failed.Count, 0, reported == 0 ? 0 : 1);
    }
}
