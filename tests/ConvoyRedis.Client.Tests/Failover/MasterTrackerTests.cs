using ConvoyRedis.Client.Failover;
using Microsoft.Extensions.Time.Testing;
using static ConvoyRedis.Client.Tests.Failover.Deployment;

namespace ConvoyRedis.Client.Tests.Failover;

/// <summary>The rules of docs/architecture.md, "Whom to believe", one by one. The file is long because one unit has one class of tests.</summary>
public sealed class MasterTrackerTests
{
    private readonly FakeTimeProvider _time = new();
    private MasterTracker _tracker;

    public MasterTrackerTests() => _tracker = new MasterTracker(FailoverMode.Eager, HoldDeadline, _time);

    [Fact]
    public void Observe_FirstAnswer_FollowsItsMaster()
    {
        var decisions = _tracker.Observe(new SentinelAnswered(S1, A, 5));

        Assert.Equal([new Follow(A, MasterChangeCause.Located)], decisions);
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, A, 5, null), _tracker.View);
    }

    [Fact]
    public void Observe_SameAnswerFromOthers_DecidesNothing()
    {
        FollowA();

        Assert.Empty(_tracker.Observe(new SentinelAnswered(S2, A, 1)));
        Assert.Empty(_tracker.Observe(new SentinelAnswered(S3, A, 1)));
    }

    [Fact]
    public void Observe_HigherEpoch_FollowsAtOnce()
    {
        FollowA();

        Assert.Equal([new Follow(B, MasterChangeCause.Announced)], _tracker.Observe(new SentinelAnswered(S2, B, 2)));
        Assert.Equal(2, _tracker.View.Epoch);
    }

    [Fact]
    public void Observe_LowerEpochFromOneSentinel_IsIgnoredForever()
    {
        FollowA(epoch: 5);
        _tracker.Observe(new SentinelAnswered(S2, A, 5));

        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Empty(_tracker.Observe(new SentinelAnswered(S3, B, 4)));
        }

        Assert.Equal(A, _tracker.View.Master);
    }

    [Fact]
    public void Observe_DeadMasterAndPromotionOrdered_GivesUpThenMovesWhenCandidateIsMaster()
    {
        FollowA();

        Assert.Empty(_tracker.Observe(new SentinelEvent(S1, SentinelEventKind.ObjectivelyDown, A)));
        Assert.Equal([new ProbeCandidate(B)], _tracker.Observe(Selected(B)));
        Assert.Equal(ConvoyRedisPhase.FailingOver, _tracker.View.Phase);
        Assert.Empty(_tracker.Observe(new CandidateProbed(B, false)));
        Assert.Equal([new GiveUpMaster()], _tracker.Observe(Ordered(B)));
        Assert.Equal(ConvoyRedisPhase.WaitingForMaster, _tracker.View.Phase);
        Assert.Equal([new StopProbing(), new Follow(B, MasterChangeCause.Promoted)], _tracker.Observe(new CandidateProbed(B, true)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, B, 1, A), _tracker.View);
    }

    [Fact]
    public void Observe_PlannedFailover_HoldsAtTheOrderAndHandsOverWhenCandidateIsMaster()
    {
        FollowA();
        Assert.Equal([new ProbeCandidate(B)], _tracker.Observe(Selected(B)));

        Assert.Equal([new HoldMaster()], _tracker.Observe(Ordered(B)));
        Assert.Equal(ConvoyRedisPhase.Holding, _tracker.View.Phase);
        Assert.Empty(_tracker.Observe(Ordered(B)));
        Assert.Empty(_tracker.Observe(new CandidateProbed(B, false)));
        Assert.Equal([new StopProbing(), new HandOver(B, MasterChangeCause.Promoted)], _tracker.Observe(new CandidateProbed(B, true)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, B, 1, A), _tracker.View);
    }

    [Fact]
    public void Observe_HoldOutlivesItsDeadline_ReleasesAndHoldsAtTheNextOrder()
    {
        HoldForB();
        _time.Advance(HoldDeadline);

        Assert.Equal([new ReleaseMaster(A)], _tracker.Observe(new TimePassed()));
        Assert.Equal(ConvoyRedisPhase.FailingOver, _tracker.View.Phase);
        Assert.Empty(_tracker.Observe(new TimePassed()));
        Assert.Equal([new HoldMaster()], _tracker.Observe(Ordered(B)));
    }

    [Fact]
    public void Observe_PromotionAfterTheRelease_StillHandsOver()
    {
        HoldForB();
        _time.Advance(HoldDeadline);
        _tracker.Observe(new TimePassed());

        Assert.Equal([new StopProbing(), new HandOver(B, MasterChangeCause.Promoted)], _tracker.Observe(new CandidateProbed(B, true)));
    }

    [Fact]
    public void Observe_AbortWhileHolding_Releases()
    {
        HoldForB();

        Assert.Equal(
            [new StopProbing(), new ReleaseMaster(A)], _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.FailoverAborted, A)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, A, 1, null), _tracker.View);
    }

    [Fact]
    public void Observe_MasterDiesWhileHolding_GivesItUp()
    {
        HoldForB();

        Assert.Equal([new GiveUpMaster()], _tracker.Observe(new SentinelEvent(S2, SentinelEventKind.ObjectivelyDown, A)));
        Assert.Equal([new StopProbing(), new Follow(B, MasterChangeCause.Promoted)], _tracker.Observe(new CandidateProbed(B, true)));
    }

    [Fact]
    public void Observe_HigherEpochWhileHolding_HandsOverToWhomItNames()
    {
        HoldForB();

        Assert.Equal([new StopProbing(), new HandOver(C, MasterChangeCause.Announced)], _tracker.Observe(new SentinelAnswered(S2, C, 2)));
    }

    [Fact]
    public void Observe_HigherEpochForTheOldMasterWhileHolding_Releases()
    {
        HoldForB();

        Assert.Equal([new StopProbing(), new ReleaseMaster(A)], _tracker.Observe(new SentinelAnswered(S2, A, 2)));
    }

    [Fact]
    public void Observe_CandidateSaysMasterBeforeTheOrder_DoesNotMove()
    {
        FollowA();
        _tracker.Observe(Selected(B));

        Assert.Empty(_tracker.Observe(new CandidateProbed(B, true)));
        Assert.Equal(A, _tracker.View.Master);
        Assert.Equal(
            [new HoldMaster(), new StopProbing(), new HandOver(B, MasterChangeCause.Promoted)], _tracker.Observe(Ordered(B)));
    }

    [Fact]
    public void Observe_AnswersAtTheBaseEpochWhileTentative_AreIgnored()
    {
        MoveToBTentatively();

        Assert.Empty(_tracker.Observe(new SentinelAnswered(S1, A, 1)));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(_tracker.Observe(new SentinelAnswered(S2, A, 1)));
        Assert.Empty(_tracker.Observe(new SentinelAnswered(S3, A, 1)));
        Assert.Equal(B, _tracker.View.Master);
    }

    [Fact]
    public void Observe_HigherEpochForTheTentativeMaster_CommitsWithoutMoving()
    {
        MoveToBTentatively();

        Assert.Empty(_tracker.Observe(new SentinelAnswered(S1, B, 2)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, B, 2, null), _tracker.View);
    }

    [Fact]
    public void Observe_HigherEpochForAThirdNode_OverrulesTheTentativeMaster()
    {
        MoveToBTentatively();

        Assert.Equal([new Follow(C, MasterChangeCause.Announced)], _tracker.Observe(new SentinelAnswered(S1, C, 2)));
    }

    [Fact]
    public void Observe_TentativeMasterIsDemoted_GoesBackWithTheMajority()
    {
        MoveToBTentatively();
        _tracker.Observe(new SentinelAnswered(S1, B, 1));

        Assert.Empty(_tracker.Observe(new MasterDemoted(A)));
        Assert.Empty(_tracker.Observe(new MasterDemoted(B)));
        Assert.Empty(_tracker.Observe(new SentinelAnswered(S2, A, 1)));
        Assert.Equal([new HandOver(A, MasterChangeCause.FailoverAborted)], _tracker.Observe(new SentinelAnswered(S3, A, 1)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, A, 1, null), _tracker.View);
    }

    [Fact]
    public void Observe_CommittedMasterIsDemoted_IsKeptUntilTheSentinelsNameAnother()
    {
        FollowA();

        Assert.Empty(_tracker.Observe(new MasterDemoted(A)));
        Assert.Equal(A, _tracker.View.Master);
    }

    [Fact]
    public void Observe_AbortWhileTentative_GoesBack()
    {
        MoveToBTentatively();

        Assert.Equal(
            [new HandOver(A, MasterChangeCause.FailoverAborted)],
            _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.FailoverAborted, A)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, A, 1, null), _tracker.View);
    }

    [Fact]
    public void Observe_AbortAfterGivingUp_FollowsTheOldMasterAgain()
    {
        FollowA();
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.ObjectivelyDown, A));
        _tracker.Observe(Selected(B));
        _tracker.Observe(Ordered(B));

        Assert.Equal(
            [new StopProbing(), new Follow(A, MasterChangeCause.FailoverAborted)],
            _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.FailoverAborted, A)));
    }

    [Fact]
    public void Observe_FailoverWithoutEnd_IsEndedByTime()
    {
        FollowA();
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.ObjectivelyDown, A));
        _tracker.Observe(Selected(B));
        _tracker.Observe(Ordered(B));
        _time.Advance(MasterTracker.FailoverPatience + TimeSpan.FromMilliseconds(1));

        Assert.Equal(
            [new StopProbing(), new Follow(A, MasterChangeCause.FailoverAborted)], _tracker.Observe(new TimePassed()));
    }

    [Fact]
    public void Observe_TentativeMoveWithoutWordFromTheSentinels_IsNotEndedByTime()
    {
        MoveToBTentatively();
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Empty(_tracker.Observe(new TimePassed()));
        Assert.Equal(B, _tracker.View.Master);
    }

    [Fact]
    public void Observe_AnnouncedMode_AsksNoCandidateAndDoesNotMoveBeforeTheEpoch()
    {
        _tracker = new MasterTracker(FailoverMode.Announced, HoldDeadline, _time);
        FollowA();
        Assert.Empty(_tracker.Observe(Selected(B)));
        Assert.Equal([new HoldMaster()], _tracker.Observe(Ordered(B)));

        Assert.Empty(_tracker.Observe(new CandidateProbed(B, true)));
        Assert.Equal(
            [new HandOver(B, MasterChangeCause.Announced)], _tracker.Observe(new SentinelAnswered(S1, B, 2)));
    }

    [Fact]
    public void Observe_SwitchAnnounced_AsksThatSentinel()
    {
        FollowA();

        Assert.Equal(
            [new AskSentinel(S2)], _tracker.Observe(new SentinelEvent(S2, SentinelEventKind.MasterSwitched, A, B)));
    }

    [Fact]
    public void Observe_EventsAboutAnotherNode_AreIgnored()
    {
        FollowA();

        Assert.Empty(_tracker.Observe(new SentinelEvent(S1, SentinelEventKind.CandidateSelected, C, B)));
        Assert.Empty(_tracker.Observe(new SentinelEvent(S1, SentinelEventKind.PromotionOrdered, C, B)));
        Assert.Empty(_tracker.Observe(new CandidateProbed(B, true)));
    }

    [Fact]
    public void Observe_MajorityAtALowerEpochTwiceASecondApart_IsBelieved()
    {
        FollowA(epoch: 7);
        _tracker.Observe(new SentinelAnswered(S2, A, 7));
        _tracker.Observe(new SentinelAnswered(S3, A, 7));

        Assert.Empty(_tracker.Observe(new SentinelAnswered(S1, B, 0)));
        Assert.Empty(_tracker.Observe(new SentinelAnswered(S2, B, 0)));
        _time.Advance(SentinelVotes.ResetConfirmation);

        Assert.Equal([new Follow(B, MasterChangeCause.SentinelsReset)], _tracker.Observe(new SentinelAnswered(S1, B, 0)));
        Assert.Equal(0, _tracker.View.Epoch);
    }

    [Fact]
    public void Observe_MajorityAtALowerEpochAfterMonitorChanged_IsBelievedAtOnce()
    {
        FollowA(epoch: 7);
        _tracker.Observe(new SentinelAnswered(S2, A, 7));
        _tracker.Observe(new SentinelAnswered(S3, A, 7));
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.MonitorChanged, B));

        Assert.Empty(_tracker.Observe(new SentinelAnswered(S1, B, 0)));
        Assert.Equal([new Follow(B, MasterChangeCause.SentinelsReset)], _tracker.Observe(new SentinelAnswered(S2, B, 0)));
    }

    [Fact]
    public void Observe_MajorityAtALowerEpochInTilt_IsNoMajority()
    {
        FollowA(epoch: 5);
        for (var i = 0; i < 5; i++)
        {
            Assert.Empty(_tracker.Observe(new SentinelAnswered(S2, B, 4, IsInTilt: true)));
            Assert.Empty(_tracker.Observe(new SentinelAnswered(S3, B, 4, IsInTilt: true)));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([new Follow(B, MasterChangeCause.Announced)], _tracker.Observe(new SentinelAnswered(S3, B, 6, IsInTilt: true)));
    }

    [Fact]
    public void Observe_AllSentinelsLost_StaysWithTheMaster()
    {
        FollowA();

        Assert.Empty(_tracker.Observe(new SentinelLost(S1)));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_tracker.Observe(new TimePassed()));
        Assert.Equal(A, _tracker.View.Master);
    }

    private static SentinelEvent Selected(ConvoyRedisEndpoint candidate) => new(S1, SentinelEventKind.CandidateSelected, A, candidate);

    private static SentinelEvent Ordered(ConvoyRedisEndpoint candidate) => new(S1, SentinelEventKind.PromotionOrdered, A, candidate);

    private void FollowA(long epoch = 1) => _tracker.Observe(new SentinelAnswered(S1, A, epoch));

    private void HoldForB()
    {
        FollowA();
        _tracker.Observe(Selected(B));
        _tracker.Observe(Ordered(B));
        Assert.Equal(ConvoyRedisPhase.Holding, _tracker.View.Phase);
    }

    private void MoveToBTentatively()
    {
        FollowA();
        _tracker.Observe(Selected(B));
        _tracker.Observe(Ordered(B));
        _tracker.Observe(new CandidateProbed(B, true));
        Assert.True(_tracker.View.IsTentative);
    }
}
