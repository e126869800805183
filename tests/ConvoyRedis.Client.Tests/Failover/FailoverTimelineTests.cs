using ConvoyRedis.Client.Failover;
using Microsoft.Extensions.Time.Testing;

namespace ConvoyRedis.Client.Tests.Failover;

public sealed class FailoverTimelineTests
{
    private static readonly ConvoyRedisEndpoint Sentinel = new("s", 26379);
    private static readonly ConvoyRedisEndpoint Old = new("old", 1);
    private static readonly ConvoyRedisEndpoint New = new("new", 1);
    private static readonly MasterView Before = MasterView.Initial with { Master = Old, Epoch = 3 };

    private readonly FakeTimeProvider _time = new();
    private readonly FailoverTimeline _timeline;

    public FailoverTimelineTests() => _timeline = new FailoverTimeline(_time);

    private IEnumerable<string> Steps => _timeline.Steps.Select(step => $"{step.At.TotalMilliseconds} {step.What}");

    [Fact]
    public void Steps_NothingYet_AreNone()
    {
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(_timeline.Steps);
        Assert.Equal(TimeSpan.Zero, _timeline.Elapsed);
    }

    [Fact]
    public void Note_AFailover_KeepsWhatIsNewInOrderAndWithItsTime()
    {
        _timeline.Note(new SentinelEvent(Sentinel, SentinelEventKind.PromotionOrdered, Old, New), Before);
        _time.Advance(TimeSpan.FromMilliseconds(5));
        _timeline.Note(new ProbeCandidate(New));
        _timeline.Note(new CandidateProbed(New, IsMaster: false), Before);
        _time.Advance(TimeSpan.FromMilliseconds(5));
        _timeline.Note(new CandidateProbed(New, IsMaster: true), Before);
        _timeline.Note(new CandidateProbed(New, IsMaster: true), Before);
        _timeline.Note(new TimePassed(), Before);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        _timeline.Note(new SentinelAnswered(Sentinel, Old, 3), Before);
        _timeline.Note(new SentinelAnswered(Sentinel, Old, 4), Before);
        _timeline.Note(new SentinelAnswered(Sentinel, New, 3), Before);
        _timeline.Note(new ProbeCandidate(New));
        _timeline.Note(new CandidateProbed(New, IsMaster: true), Before);

        Assert.Equal(
            [
                "0 s:26379 says PromotionOrdered of old:1 for new:1", $"5 {new ProbeCandidate(New)}", "10 new:1 is a master",
                "20 s:26379 names old:1 at epoch 4", "20 s:26379 names new:1 at epoch 3", $"20 {new ProbeCandidate(New)}", "20 new:1 is a master",
            ],
            Steps);
        Assert.Equal(TimeSpan.FromMilliseconds(20), _timeline.Elapsed);
    }

    // Under load, replicas are behind all the time.
    [Fact]
    public void Note_LagOfReplicas_IsNewsOnlyAsAnAnswer()
    {
        _timeline.Note(new ReplicasLagged(Old, 1), Before);
        _timeline.Note(new MeasureLag(Old));
        _timeline.Note(new AskSentinel(Sentinel));
        _timeline.Note(new ReplicasLagged(Old, 2), Before);
        _timeline.Note(new HoldMaster());
        _timeline.Note(new ReplicasLagged(Old, 3), Before);

        Assert.Equal(
            [$"{new MeasureLag(Old)}", $"{new AskSentinel(Sentinel)}", $"{new ReplicasLagged(Old, 2)}", $"{new HoldMaster()}"],
            _timeline.Steps.Select(step => step.What));
    }

    [Fact]
    public void Note_LongAfterTheLastStep_BeginsAnew()
    {
        _timeline.Note(new SentinelLost(Sentinel), Before);
        _time.Advance(MasterTracker.FailoverPatience);
        _timeline.Note(new SentinelLost(Sentinel), Before);
        Assert.Equal(2, Steps.Count());
        _time.Advance(MasterTracker.FailoverPatience + TimeSpan.FromMilliseconds(1));
        _timeline.Note(new SentinelLost(Sentinel), Before);

        Assert.Equal(["0 s:26379 is lost"], Steps);
    }

    [Fact]
    public void Note_MoreThanAreKept_DropsTheOldest()
    {
        for (var number = 0; number <= FailoverTimeline.MostSteps; number++)
            _timeline.Note(new SentinelLost(new ConvoyRedisEndpoint("s", number)), Before);

        Assert.Equal(FailoverTimeline.MostSteps, _timeline.Steps.Count);
        Assert.Equal("s:1 is lost", _timeline.Steps[0].What);
    }
}
