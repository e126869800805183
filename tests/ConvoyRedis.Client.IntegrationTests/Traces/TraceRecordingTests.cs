using ConvoyRedis.Client.Tests.Failover.Traces;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Traces;

/// <summary>
/// Real failovers, recorded only when somebody asks for it: <c>eng/record-traces.sh</c> writes the traces into the directory that the variable TRACES_DIRECTORY names, where
/// the tracker's own tests replay them.
/// </summary>
public sealed class TraceRecordingTests
{
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [InlineData("killed", FailoverMode.Eager, "The master is killed.")]
    [InlineData("hung", FailoverMode.Eager, "The master is stopped (SIGSTOP).")]
    [InlineData("planned", FailoverMode.Eager, "SENTINEL FAILOVER is given to s1; the old master lives.")]
    [InlineData("planned-announced", FailoverMode.Announced, "SENTINEL FAILOVER is given to s1; the connection waits for the announcement.")]
    [InlineData("leader-dies", FailoverMode.Eager, "SENTINEL FAILOVER is given to s1, which is killed when the replica has been promoted.")]
    [InlineData("no-promotion", FailoverMode.Eager, "SENTINEL FAILOVER is given to s1; both replicas are stopped (SIGSTOP) for 4 s when it is ordered.")]
    public async Task Failover_Recorded_ReadsBackAsItWas(string name, FailoverMode mode, string what)
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { FailoverTimeout = TimeSpan.FromSeconds(10) }, Token);
        var replicas = topology.Nodes.Skip(1).ToList();
        await using var recorder = new TraceRecorder(topology, mode);
        recorder.Comment($"Recorded from Redis {await topology.Nodes[0].GetInfoAsync("redis_version", Token)}: 3 nodes (n1 is the master), 3 sentinels, quorum 2,");
        recorder.Comment($"down-after 1 s, hold deadline 2 s. {what}");
        await Eventually.TrueAsync(() => recorder.View.Phase == ConvoyRedisPhase.Following, Token);
        await Task.Delay(TimeSpan.FromSeconds(1), Token);

        switch (name)
        {
            case "killed":
                await topology.Nodes[0].KillAsync();
                break;
            case "hung":
                await topology.Nodes[0].HangAsync();
                break;
            case "leader-dies":
                await topology.FailoverAsync(Token);
                await Eventually.TrueAsync(() => recorder.View.IsTentative, Token);
                await topology.Sentinels[0].KillAsync();
                break;
            case "no-promotion":
                await topology.FailoverAsync(Token);
                await Eventually.TrueAsync(() => recorder.View.Phase == ConvoyRedisPhase.Holding, Token);
                await Task.WhenAll(replicas.Select(replica => replica.HangAsync()));
                await Task.Delay(TimeSpan.FromSeconds(4), Token);
                await Task.WhenAll(replicas.Select(replica => replica.ResumeAsync()));
                break;
            default:
                await topology.FailoverAsync(Token);
                break;
        }

        // Taken back, or committed at the next epoch.
        var epoch = name == "leader-dies" ? 0 : 1;
        await Eventually.TrueAsync(() => recorder.View is { Phase: ConvoyRedisPhase.Following, IsTentative: false } view && view.Epoch == epoch, Token);
        await Task.Delay(Aftermath, Token);
        var trace = await recorder.StopAsync();

        var read = FailoverTrace.Parse(trace.ToString());
        Assert.Equal(trace.ToString(), read.ToString());
        Assert.Equal(trace.Steps.Select(step => step.Observation), read.Steps.Select(step => step.Observation));
        Assert.Equal(trace.Steps.SelectMany(step => step.Decisions), read.Steps.SelectMany(step => step.Decisions));
        if (Environment.GetEnvironmentVariable("TRACES_DIRECTORY") is { Length: > 0 } directory)
            await File.WriteAllTextAsync(Path.Combine(directory, $"{name}.txt"), trace.ToString(), Token);
    }
}
