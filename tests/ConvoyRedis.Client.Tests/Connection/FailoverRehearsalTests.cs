using System.Collections.Concurrent;
using System.Diagnostics;
using ConvoyRedis.Client.Connection;

namespace ConvoyRedis.Client.Tests.Connection;

public sealed class FailoverRehearsalTests
{
    [Fact]
    public async Task Rehearse_HoldsAndCuts_AndLosesNothing()
    {
        var moves = await FailoverRehearsal.RehearseAsync();

        Assert.Equal([MasterChangeCause.Located, MasterChangeCause.Promoted, MasterChangeCause.Promoted], moves.Select(move => move.Cause));
        Assert.Equal(3, moves.Select(move => move.Current).Distinct().Count());
        Assert.Equal(0, moves[1].PossiblyLostBytes);
        Assert.Contains(moves[1].Timeline, step => step.What == "hold the streams");
        Assert.Contains(moves[2].Timeline, step => step.What == "give the master up");
    }

    [Fact]
    public async Task Rehearse_LeavesNoSpan()
    {
        var spans = new ConcurrentQueue<string?>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ConvoyRedisTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span => spans.Enqueue(span.GetTagItem("server.address")?.ToString()),
        };
        ActivitySource.AddActivityListener(listener);

        var moves = await FailoverRehearsal.RehearseAsync();

        Assert.DoesNotContain(moves[^1].Current.Host, spans);
    }
}
