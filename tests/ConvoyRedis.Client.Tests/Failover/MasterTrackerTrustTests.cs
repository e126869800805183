using ConvoyRedis.Client.Failover;
using Microsoft.Extensions.Time.Testing;
using static ConvoyRedis.Client.Tests.Failover.Deployment;

namespace ConvoyRedis.Client.Tests.Failover;

/// <summary>One sentinel says something else than the others, whether by mistake or on purpose. S3 is that one; A is the master.</summary>
public sealed class MasterTrackerTrustTests
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly MasterTracker _tracker;

    public MasterTrackerTrustTests()
    {
        _tracker = new MasterTracker(FailoverMode.Eager, HoldDeadline, _time);
        Answer(S1, A, 1);
        Answer(S2, A, 1);
    }

    [Fact]
    public void Observe_DissenterAtAHigherEpoch_LosesToTheMajorityAndDoesNotReturn()
    {
        Answer(S3, C, 99);
        Assert.Equal(C, _tracker.View.Master);

        var took = PollUntil(() => _tracker.View.Master == A, (S3, C, 99));

        Assert.InRange(took, SentinelVotes.DissentPatience, SentinelVotes.DissentPatience + (2 * Poll));
        for (var minute = 0; minute < 5 * 60; minute++)
            PollAll((S3, C, 99 + minute));
        Assert.Equal(A, _tracker.View.Master);
    }

    // It turned out to belong to another deployment: nobody else supports what it named.
    [Fact]
    public void Observe_DissenterIsDisowned_TheOthersAreFollowedAtOnce()
    {
        Answer(S3, C, 99);
        Assert.Equal(C, _tracker.View.Master);

        _tracker.Observe(new SentinelDisowned(S3));

        Assert.Equal(A, _tracker.View.Master);
    }

    [Fact]
    public void Observe_DissenterLeftAlone_IsNotBelieved()
    {
        Answer(S3, C, 99);
        PollUntil(() => _tracker.View.Master == A, (S3, C, 99));
        _tracker.Observe(new SentinelLost(S1));
        _tracker.Observe(new SentinelLost(S2));

        for (var second = 0; second < 300; second++)
        {
            _time.Advance(Poll);
            Answer(S3, C, 100 + second);
        }

        Assert.Equal(A, _tracker.View.Master);
    }

    [Fact]
    public void Observe_DissenterThatAgreesAgain_IsBelievedAgain()
    {
        Answer(S3, C, 99);
        PollUntil(() => _tracker.View.Master == A, (S3, C, 99));
        PollAll((S3, A, 1));

        Answer(S3, B, 2);

        Assert.Equal(B, _tracker.View.Master);
    }

    [Fact]
    public void Observe_MajorityBehindALeaderWhoseOldMasterIsDown_StaysWithTheLeader()
    {
        Answer(S3, C, 2);

        for (var second = 0; second < 60; second++)
        {
            _time.Advance(Poll);
            Answer(S1, A, 1, MasterHealth.SubjectivelyDown);
            Answer(S2, A, 1, MasterHealth.ObjectivelyDown);
            Answer(S3, C, 2);
        }

        Assert.Equal(C, _tracker.View.Master);
    }

    [Fact]
    public void Observe_OthersLearnOfTheFailoverWithinTwoSeconds_StaysWithTheLeader()
    {
        Answer(S3, C, 2);
        PollAll((S3, C, 2));
        PollAll((S3, C, 2));
        Answer(S1, C, 2);
        Answer(S2, C, 2);

        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, C, 2, null), _tracker.View);
        Assert.Empty(_tracker.Findings.Dissent);
    }

    [Fact]
    public void Observe_CompanionsOfADissenterWithoutAVote_DoNotOutvoteTheOthers()
    {
        ConvoyRedisEndpoint[] companions = [new("10.0.0.4", 26379), new("10.0.0.5", 26379)];
        Answer(S3, C, 99);

        for (var second = 0; second < 10; second++)
        {
            PollAll((S3, C, 99));
            foreach (var companion in companions)
                _tracker.Observe(new SentinelAnswered(companion, C, 99, HasVote: false));
        }

        Assert.Equal(A, _tracker.View.Master);
    }

    [Fact]
    public void Dissent_LongerThanAFailoverExplains_NamesTheSentinel()
    {
        Answer(S3, C, 0);
        Assert.Empty(_tracker.Findings.Dissent);

        for (var second = 0; second < 5; second++)
            PollAll((S3, C, 0));

        Assert.Equal([new SentinelDissent(S3, C, 0)], _tracker.Findings.Dissent);
        Answer(S3, A, 1);
        Assert.Empty(_tracker.Findings.Dissent);
    }

    [Fact]
    public void Observe_PromotionThatNoSentinelAnnounces_IsTakenBackAndItsLeaderNotBelievedAtOnce()
    {
        Answer(S3, A, 1);
        PretendFailover();
        Assert.True(_tracker.View is { IsTentative: true, Master: var master } && master == C);

        var took = PollUntil(() => !_tracker.View.IsTentative, (S3, A, 1));

        Assert.Equal(A, _tracker.View.Master);
        Assert.InRange(took, MasterTracker.FailoverPatience, MasterTracker.FailoverPatience + (2 * Poll));
        PretendFailover();
        Assert.Equal(A, _tracker.View.Master);

        // A minute later its word counts again.
        _time.Advance(SentinelVotes.DistrustPeriod);
        PollAll((S3, A, 1));
        PretendFailover();
        Assert.Equal(C, _tracker.View.Master);
    }

    [Fact]
    public void Observe_AbortFromAnotherSentinelThanTheLeader_IsIgnored()
    {
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.CandidateSelected, A, B));
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.PromotionOrdered, A, B));

        Assert.Empty(_tracker.Observe(new SentinelEvent(S2, SentinelEventKind.FailoverAborted, A)));
        Assert.Equal(ConvoyRedisPhase.Holding, _tracker.View.Phase);
        Assert.NotEmpty(_tracker.Observe(new SentinelEvent(S1, SentinelEventKind.FailoverAborted, A)));
    }

    [Fact]
    public void Observe_DownTakenBackUnheard_NextFailoverIsPlanned()
    {
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.ObjectivelyDown, A));
        _time.Advance(DownReports.Confirmation);
        Answer(S1, A, 1);
        _tracker.Observe(new SentinelEvent(S2, SentinelEventKind.CandidateSelected, A, B));

        Assert.Equal([new HoldMaster()], _tracker.Observe(new SentinelEvent(S2, SentinelEventKind.PromotionOrdered, A, B)));
    }

    [Fact]
    public void Observe_AnswerThatWasOnItsWayBeforeDown_DoesNotTakeItBack()
    {
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.ObjectivelyDown, A));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Answer(S1, A, 1);
        _tracker.Observe(new SentinelEvent(S2, SentinelEventKind.CandidateSelected, A, B));

        Assert.Equal([new GiveUpMaster()], _tracker.Observe(new SentinelEvent(S2, SentinelEventKind.PromotionOrdered, A, B)));
    }

    [Fact]
    public void Observe_DownFromASentinelThatWasLost_CountsForTenSecondsOnly()
    {
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.ObjectivelyDown, A));
        _tracker.Observe(new SentinelLost(S1));
        _time.Advance(MasterTracker.FailoverPatience + Poll);
        _tracker.Observe(new SentinelEvent(S2, SentinelEventKind.CandidateSelected, A, B));

        Assert.Equal([new HoldMaster()], _tracker.Observe(new SentinelEvent(S2, SentinelEventKind.PromotionOrdered, A, B)));
    }

    [Fact]
    public void Observe_DownHeardFromAnAnswerOnly_GivesUpAtTheOrder()
    {
        Answer(S2, A, 1, MasterHealth.ObjectivelyDown);
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.CandidateSelected, A, B));

        Assert.Equal([new GiveUpMaster()], _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.PromotionOrdered, A, B)));
    }

    private void PretendFailover()
    {
        _tracker.Observe(new SentinelEvent(S3, SentinelEventKind.CandidateSelected, A, C));
        _tracker.Observe(new SentinelEvent(S3, SentinelEventKind.PromotionOrdered, A, C));
        _tracker.Observe(new CandidateProbed(C, IsMaster: true));
    }

    private void Answer(ConvoyRedisEndpoint sentinel, ConvoyRedisEndpoint master, long epoch, MasterHealth health = MasterHealth.Up) =>
        _tracker.Observe(new SentinelAnswered(sentinel, master, epoch, Health: health));

    // A second goes by, and every sentinel answers once: S1 and S2 the truth.
    private void PollAll((ConvoyRedisEndpoint Sentinel, ConvoyRedisEndpoint Master, long Epoch) third)
    {
        _time.Advance(Poll);
        _tracker.Observe(new TimePassed());
        Answer(S1, A, 1);
        Answer(S2, A, 1);
        Answer(third.Sentinel, third.Master, third.Epoch);
    }

    private TimeSpan PollUntil(Func<bool> condition, (ConvoyRedisEndpoint Sentinel, ConvoyRedisEndpoint Master, long Epoch) third)
    {
        var began = _time.GetTimestamp();
        while (!condition() && _time.GetElapsedTime(began) < TimeSpan.FromMinutes(1))
            PollAll(third);
        return _time.GetElapsedTime(began);
    }
}
