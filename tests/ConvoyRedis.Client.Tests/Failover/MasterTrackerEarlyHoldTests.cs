using ConvoyRedis.Client.Failover;
using Microsoft.Extensions.Time.Testing;
using static ConvoyRedis.Client.Tests.Failover.Deployment;

namespace ConvoyRedis.Client.Tests.Failover;

/// <summary>A planned failover of a master whose replicas are behind: the streams are held before the promotion is ordered.</summary>
public sealed class MasterTrackerEarlyHoldTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MasterTracker _tracker;

    public MasterTrackerEarlyHoldTests()
    {
        _tracker = new MasterTracker(FailoverMode.Eager, HoldDeadline, _time);
        _tracker.Observe(new SentinelAnswered(S1, A, 1));
    }

    [Fact]
    public void Observe_FailoverTried_MeasuresTheLag()
    {
        Assert.Equal([new MeasureLag(A)], _tracker.Observe(Tried(S1)));
        Assert.Equal(ConvoyRedisPhase.Following, _tracker.View.Phase);
    }

    [Fact]
    public void Observe_ReplicasLagged_HoldsUntilTheCandidateIsMaster()
    {
        HoldEarly();

        Assert.Equal([new ProbeCandidate(B)], _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.CandidateSelected, A, B)));
        Assert.Empty(_tracker.Observe(new SentinelEvent(S1, SentinelEventKind.PromotionOrdered, A, B)));
        Assert.Equal([new StopProbing(), new HandOver(B, MasterChangeCause.Promoted)], _tracker.Observe(new CandidateProbed(B, true)));
    }

    // A master that its replicas cannot keep up with may answer the question only when the order has come.
    [Fact]
    public void Observe_ReplicasLaggedAMomentAgo_HoldsWhenTheFailoverBegins()
    {
        _tracker.Observe(new ReplicasLagged(A, 1_000_000));
        _time.Advance(FailoverState.LagLasts);

        Assert.Equal([new HoldMaster(), new MeasureLag(A)], _tracker.Observe(Tried(S1)));
        Assert.Equal(ConvoyRedisPhase.Holding, _tracker.View.Phase);
        Assert.Empty(_tracker.Observe(new ReplicasLagged(A, 1_000_000)));
    }

    // A replica that has just connected has acknowledged nothing until its first second is over.
    [Fact]
    public void Observe_ReplicasLaggedAMomentAgo_ButNotWhenTheMasterAnsweredLast_MeasuresAnew()
    {
        _tracker.Observe(new ReplicasLagged(A, 1_000_000));
        _tracker.Observe(new MasterAnswered(A));

        Assert.Equal([new MeasureLag(A)], _tracker.Observe(Tried(S1)));
    }

    [Fact]
    public void Observe_ReplicasLaggedLongAgo_MeasuresAnew()
    {
        _tracker.Observe(new ReplicasLagged(A, 1_000_000));
        _time.Advance(FailoverState.LagLasts + TimeSpan.FromMilliseconds(1));

        Assert.Equal([new MeasureLag(A)], _tracker.Observe(Tried(S1)));
    }

    [Fact]
    public void Observe_ReplicasOfAnotherLagged_MeasuresAnew()
    {
        _tracker.Observe(new ReplicasLagged(C, 1_000_000));

        Assert.Equal([new MeasureLag(A)], _tracker.Observe(Tried(S1)));
    }

    [Fact]
    public void Observe_EarlyHoldOutlivesItsDeadline_ReleasesAndHoldsAtTheOrder()
    {
        HoldEarly();
        _time.Advance(HoldDeadline / 2);
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.CandidateSelected, A, B));

        // The deadline counts from the beginning of the hold.
        _time.Advance(HoldDeadline / 2);
        Assert.Equal([new ReleaseMaster(A)], _tracker.Observe(new TimePassed()));
        Assert.Equal([new HoldMaster()], _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.PromotionOrdered, A, B)));
    }

    [Fact]
    public void Observe_EarlyHoldAndNobodyIsElected_Releases()
    {
        HoldEarly();

        Assert.Equal([new ReleaseMaster(A)], _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.FailoverAborted, A)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, A, 1, null), _tracker.View);
    }

    [Fact]
    public void Observe_EarlyHoldAndNothingMore_IsEndedByTime()
    {
        HoldEarly();
        _time.Advance(HoldDeadline);
        _tracker.Observe(new TimePassed());
        _time.Advance(MasterTracker.FailoverPatience);

        Assert.Empty(_tracker.Observe(new TimePassed()));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, A, 1, null), _tracker.View);
    }

    [Fact]
    public void Observe_MasterDiesDuringAnEarlyHold_GivesItUp()
    {
        HoldEarly();

        Assert.Equal([new GiveUpMaster()], _tracker.Observe(new SentinelEvent(S2, SentinelEventKind.ObjectivelyDown, A)));
    }

    [Fact]
    public void Observe_ReplicasLaggedWithoutAFailover_IsIgnored()
    {
        _tracker.Observe(Tried(S1));
        Assert.Empty(_tracker.Observe(new ReplicasLagged(C, 1_000_000)));
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.FailoverAborted, A));

        Assert.Empty(_tracker.Observe(new ReplicasLagged(A, 1_000_000)));
        Assert.Equal(ConvoyRedisPhase.Following, _tracker.View.Phase);
    }

    // Its abort was missed.
    [Fact]
    public void Observe_ReplicasLaggedLongAfterAFailoverBegan_IsIgnored()
    {
        _tracker.Observe(Tried(S1));
        _time.Advance(FailoverState.LagLasts + TimeSpan.FromMilliseconds(1));

        Assert.Empty(_tracker.Observe(new ReplicasLagged(A, 1_000_000)));
    }

    [Fact]
    public void Observe_ReplicasLaggedAfterTheMove_IsIgnored()
    {
        _tracker.Observe(Tried(S1));
        _tracker.Observe(new SentinelAnswered(S1, B, 2));

        Assert.Empty(_tracker.Observe(new ReplicasLagged(B, 1_000_000)));
    }

    [Fact]
    public void Observe_FailoverTriedOfADeadMaster_MeasuresNothing()
    {
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.ObjectivelyDown, A));

        Assert.Empty(_tracker.Observe(Tried(S1)));
    }

    [Fact]
    public void Observe_FailoverTriedOfAnother_MeasuresNothing() =>
        Assert.Empty(_tracker.Observe(new SentinelEvent(S1, SentinelEventKind.FailoverTried, B)));

    [Fact]
    public void Observe_FailoverTriedWhileOneIsUnderWay_MeasuresNothing()
    {
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.CandidateSelected, A, B));

        Assert.Empty(_tracker.Observe(Tried(S2)));
    }

    private static SentinelEvent Tried(ConvoyRedisEndpoint sentinel) => new(sentinel, SentinelEventKind.FailoverTried, A);

    private void HoldEarly()
    {
        _tracker.Observe(Tried(S1));
        Assert.Equal([new HoldMaster()], _tracker.Observe(new ReplicasLagged(A, 1_000_000)));
        Assert.Equal(ConvoyRedisPhase.Holding, _tracker.View.Phase);
    }
}
