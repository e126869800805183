using ConvoyRedis.Client.Failover;
using Microsoft.Extensions.Time.Testing;

namespace ConvoyRedis.Client.Tests.Failover.Traces;

/// <summary>
/// Real failovers, as recorded on the lab by <c>eng/record-traces.sh</c>: replayed, they lead to the same decisions. The rules that they show
/// are those of docs/architecture.md, "Whom to believe".
/// </summary>
public sealed class TraceTests
{
    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Failover", "Traces"), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Observe_RecordedFailover_DecidesAsRecorded(string name)
    {
        var steps = Read(name).Steps;

        var (decisions, view) = Replay(name, steps.Select(step => (step.At, step.Observation)));

        Assert.Equal(steps.Select(step => $"{step.At}: {string.Join(", ", step.Decisions)}"), decisions);
        Assert.Equal(ConvoyRedisPhase.Following, view.Phase);
        Assert.False(view.IsTentative);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Observe_RecordedFailoverRepeatedOrWithoutEvents_EndsAtTheSameMaster(string name)
    {
        var steps = Read(name).Steps.Select(step => (step.At, step.Observation)).ToList();
        var expected = Replay(name, steps).View;

        Assert.Equal(expected, Replay(name, steps.SelectMany(step => new[] { step, step })).View);
        Assert.Equal(expected, Replay(name, steps.Where(step => step.Observation is SentinelAnswered)).View);
    }

    private static FailoverTrace Read(string name) =>
        FailoverTrace.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Failover", "Traces", $"{name}.txt")));

    private static (IReadOnlyList<string> Decisions, MasterView View) Replay(
        string name, IEnumerable<(TimeSpan At, FailoverObservation Observation)> steps)
    {
        var mode = name.Contains("announced", StringComparison.Ordinal) ? FailoverMode.Announced : FailoverMode.Eager;
        var (time, now, decisions) = (new FakeTimeProvider(), TimeSpan.Zero, new List<string>());
        var tracker = new MasterTracker(mode, Deployment.HoldDeadline, time);
        foreach (var (at, observation) in steps)
        {
            time.Advance(at - now);
            now = at;
            decisions.Add($"{at}: {string.Join(", ", tracker.Observe(observation))}");
        }

        return (decisions, tracker.View);
    }
}
