using ConvoyRedis.Client.Failover;
using Microsoft.Extensions.Time.Testing;
using static ConvoyRedis.Client.Tests.Failover.Deployment;

namespace ConvoyRedis.Client.Tests.Failover;

/// <summary>The leader of a failover dies after the promotion and before it announced it: the others make the promoted node a replica again.</summary>
public sealed class MasterTrackerOrphanedFailoverTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MasterTracker _tracker;

    public MasterTrackerOrphanedFailoverTests()
    {
        _tracker = new MasterTracker(FailoverMode.Eager, HoldDeadline, _time);
        foreach (var sentinel in new[] { S1, S2, S3 })
            _tracker.Observe(new SentinelAnswered(sentinel, A, 1));
    }

    [Fact]
    public void Observe_LeaderLost_HoldsAndGoesBackWithTheMajority()
    {
        PromoteB();

        Assert.Equal([new HoldMaster()], _tracker.Observe(new SentinelLost(S1)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Holding, B, 1, A), _tracker.View);
        Assert.Empty(_tracker.Observe(new TimePassed()));
        _time.Advance(TentativeMove.OrphanPatience);

        Assert.Equal([new HandOver(A, MasterChangeCause.FailoverAborted)], _tracker.Observe(new TimePassed()));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, A, 1, null), _tracker.View);
    }

    [Fact]
    public void Observe_LeaderLostAfterItAnnounced_StaysWithTheCommit()
    {
        PromoteB();
        _tracker.Observe(new SentinelLost(S1));

        Assert.Equal([new ReleaseMaster(B)], _tracker.Observe(new SentinelAnswered(S2, B, 2)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, B, 2, null), _tracker.View);
    }

    [Fact]
    public void Observe_LeaderLostAndNoMajority_GoesOnUntilThereIsOne()
    {
        PromoteB();
        foreach (var sentinel in new[] { S2, S3, S1 })
            _tracker.Observe(new SentinelLost(sentinel));
        _time.Advance(HoldDeadline);

        Assert.Equal([new ReleaseMaster(B)], _tracker.Observe(new TimePassed()));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, B, 1, A), _tracker.View);
        Assert.Equal([new HandOver(A, MasterChangeCause.FailoverAborted)], _tracker.Observe(new SentinelAnswered(S2, A, 1)));
    }

    [Fact]
    public void Observe_LeaderInTilt_HoldsAndGoesBackWithTheMajority()
    {
        PromoteB();

        Assert.Equal([new HoldMaster()], _tracker.Observe(new SentinelAnswered(S1, A, 1, IsInTilt: true)));
        Assert.Empty(_tracker.Observe(new SentinelAnswered(S1, A, 1, IsInTilt: true)));
        _time.Advance(TentativeMove.OrphanPatience);
        Assert.Equal([new HandOver(A, MasterChangeCause.FailoverAborted)], _tracker.Observe(new TimePassed()));
    }

    [Fact]
    public void Observe_AnotherSentinelLost_IsNoReasonToHold()
    {
        PromoteB();

        Assert.Empty(_tracker.Observe(new SentinelLost(S2)));
    }

    [Fact]
    public void Observe_LeaderLostAndOldMasterDead_StaysWithThePromotedNode()
    {
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.ObjectivelyDown, A));
        PromoteB();

        Assert.Empty(_tracker.Observe(new SentinelLost(S1)));
        _time.Advance(HoldDeadline);
        Assert.Empty(_tracker.Observe(new TimePassed()));
        Assert.Equal(B, _tracker.View.Master);
    }

    [Fact]
    public void Observe_OldMasterDiesWhileHeldForTheLeader_GoesOnWithThePromotedNode()
    {
        PromoteB();
        _tracker.Observe(new SentinelLost(S1));

        Assert.Equal([new ReleaseMaster(B)], _tracker.Observe(new SentinelEvent(S2, SentinelEventKind.ObjectivelyDown, A)));
        _time.Advance(HoldDeadline);
        Assert.Empty(_tracker.Observe(new TimePassed()));
    }

    private void PromoteB()
    {
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.CandidateSelected, A, B));
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.PromotionOrdered, A, B));
        _tracker.Observe(new CandidateProbed(B, IsMaster: true));
        Assert.True(_tracker.View.IsTentative);
    }
}
