using ConvoyRedis.Client.Failover;
using Microsoft.Extensions.Time.Testing;
using static ConvoyRedis.Client.Tests.Failover.Deployment;

namespace ConvoyRedis.Client.Tests.Failover;

/// <summary>A master that works is left only for a node that says itself that it is a master. A is such a master, unless a test says otherwise.</summary>
public sealed class MasterTrackerNamedTests
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly MasterTracker _tracker;

    public MasterTrackerNamedTests()
    {
        _tracker = new MasterTracker(FailoverMode.Eager, HoldDeadline, _time);
        foreach (var sentinel in new[] { S1, S2, S3 })
            Answer(sentinel, A, 5);
        _tracker.Observe(new MasterAnswered(A));
    }

    [Fact]
    public void Observe_HigherEpoch_AsksTheNamedNodeAndFollowsItWhenItIsAMaster()
    {
        Assert.Equal([new AskNamed(B)], Answer(S1, B, 6));
        Assert.Empty(Answer(S2, B, 6));
        Assert.Equal(A, _tracker.View.Master);

        Assert.Equal([new Follow(B, MasterChangeCause.Announced), new StopAsking(B)], _tracker.Observe(new NamedAnswered(B, IsMaster: true)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, B, 6, null), _tracker.View);
    }

    // All of them were restarted with their first configuration.
    [Fact]
    public void Observe_SentinelsLostTheirMemory_StaysAndSaysSo()
    {
        ForgetAll(B);
        Assert.Equal(A, _tracker.View.Master);
        Assert.Empty(_tracker.Findings.Refuted);

        for (var second = 0; second < 60; second++)
        {
            PollAll(B, 0);
            Assert.Empty(_tracker.Observe(new NamedAnswered(B, IsMaster: false)));
        }

        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, A, 0, null), _tracker.View);
        var named = Assert.Single(_tracker.Findings.Refuted);
        Assert.Equal((B, 0), (named.Node, named.Epoch));

        // They are told of the present master.
        PollAll(A, 0);
        Assert.Empty(_tracker.Findings.Refuted);
        Assert.Equal(A, _tracker.View.Master);
    }

    // What they name is not what we follow, but its failover is one of ours: nothing may be written that the next master has not copied.
    [Fact]
    public void Observe_SentinelsLostTheirMemoryAndFailOver_IsPlannedAndCommitted()
    {
        ForgetAll(B);
        _tracker.Observe(new NamedAnswered(B, IsMaster: false));

        Assert.Empty(_tracker.Observe(new SentinelEvent(S1, SentinelEventKind.ObjectivelyDown, B)));
        Assert.Equal([new ProbeCandidate(C)], _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.CandidateSelected, B, C)));
        Assert.Equal([new HoldMaster()], _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.PromotionOrdered, B, C)));
        Assert.Equal([new StopProbing(), new HandOver(C, MasterChangeCause.Promoted)], _tracker.Observe(new CandidateProbed(C, IsMaster: true)));
        Assert.Equal([new StopAsking(B)], Answer(S1, C, 1));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, C, 1, null), _tracker.View);
    }

    [Fact]
    public void Observe_SentinelsLostTheirMemoryAndFailOverUnheard_FollowsTheirNextEpoch()
    {
        ForgetAll(B);
        _tracker.Observe(new NamedAnswered(B, IsMaster: false));

        Assert.Equal([new AskNamed(C)], Answer(S1, C, 1));
        Assert.Equal(
            [new Follow(C, MasterChangeCause.Announced), new StopAsking(B), new StopAsking(C)], _tracker.Observe(new NamedAnswered(C, IsMaster: true)));
    }

    [Fact]
    public void Observe_NamedNodeDoesNotAnswer_StaysWhileTheMasterWorks()
    {
        Answer(S1, B, 6);

        for (var second = 0; second < 60; second++)
        {
            _time.Advance(Poll);
            _tracker.Observe(new MasterAnswered(A));
            Answer(S1, B, 6);
        }

        Assert.Equal(A, _tracker.View.Master);
    }

    [Fact]
    public void Observe_MasterSaysThatItIsNone_FollowsTheNamedNodeThatHasNotAnsweredYet()
    {
        Answer(S1, B, 6);

        Assert.Equal([new Follow(B, MasterChangeCause.Announced), new StopAsking(B)], _tracker.Observe(new MasterDemoted(A)));
    }

    [Fact]
    public void Observe_MasterNoLongerAnswers_FollowsTheNamedNodeThatHasNotAnswered()
    {
        Answer(S1, B, 6);
        _time.Advance(MasterTracker.FailoverPatience);
        Assert.Empty(_tracker.Observe(new TimePassed()));
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal([new Follow(B, MasterChangeCause.Announced), new StopAsking(B)], _tracker.Observe(new TimePassed()));
    }

    [Fact]
    public void Observe_OneNamedNodeDoesNotAnswer_DoesNotHoldBackTheMoveToAnother()
    {
        Answer(S3, C, 99);
        Answer(S1, B, 6);

        Assert.Equal(
            [new Follow(B, MasterChangeCause.Announced), new StopAsking(C), new StopAsking(B)], _tracker.Observe(new NamedAnswered(B, IsMaster: true)));
    }

    [Fact]
    public void Observe_NobodyNamesTheNodeAnyMore_IsNoLongerAskedNorFollowed()
    {
        Answer(S1, B, 6);

        Assert.Equal([new StopAsking(B)], Answer(S1, A, 6));
        Assert.Empty(_tracker.Observe(new NamedAnswered(B, IsMaster: true)));
        Assert.Equal(A, _tracker.View.Master);
    }

    [Fact]
    public void Observe_OnlyItsSentinelIsLost_NodeIsNoLongerAsked()
    {
        Answer(S1, B, 6);

        Assert.Equal([new StopAsking(B)], _tracker.Observe(new SentinelLost(S1)));
    }

    // The sentinels' side of a partition: to us, the old master still works.
    [Fact]
    public void Observe_MasterIsPartitionedFromTheSentinels_FollowsThePromotedNode()
    {
        foreach (var sentinel in new[] { S1, S2, S3 })
            Answer(sentinel, A, 5, MasterHealth.ObjectivelyDown);
        Answer(S1, B, 6);

        Assert.Equal(
            [new Follow(B, MasterChangeCause.Announced), new StopAsking(B)], _tracker.Observe(new NamedAnswered(B, IsMaster: true)));
    }

    [Fact]
    public void Observe_AnnouncedWhileHolding_HandsOverWhenTheNodeIsAMaster()
    {
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.CandidateSelected, A, B));
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.PromotionOrdered, A, B));

        Assert.Equal([new AskNamed(B)], Answer(S1, B, 6));
        Assert.Equal(
            [new StopProbing(), new HandOver(B, MasterChangeCause.Announced), new StopAsking(B)], _tracker.Observe(new NamedAnswered(B, IsMaster: true)));
    }

    [Fact]
    public void Observe_AnnouncedAfterTheMasterWasGivenUp_FollowsAtOnce()
    {
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.ObjectivelyDown, A));
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.CandidateSelected, A, B));
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.PromotionOrdered, A, B));

        Assert.Equal([new StopProbing(), new Follow(B, MasterChangeCause.Announced)], Answer(S1, B, 6));
    }

    [Fact]
    public void Observe_OneSentinelNamesAReplica_ItsEventsAreNotOurs()
    {
        Answer(S3, B, 99);
        _tracker.Observe(new NamedAnswered(B, IsMaster: false));

        Assert.Empty(_tracker.Observe(new SentinelEvent(S3, SentinelEventKind.CandidateSelected, B, C)));
        Assert.Empty(_tracker.Observe(new SentinelEvent(S3, SentinelEventKind.PromotionOrdered, B, C)));
    }

    private IReadOnlyList<MasterDecision> Answer(ConvoyRedisEndpoint sentinel, ConvoyRedisEndpoint master, long epoch, MasterHealth health = MasterHealth.Up) =>
        _tracker.Observe(new SentinelAnswered(sentinel, master, epoch, Health: health));

    private void PollAll(ConvoyRedisEndpoint master, long epoch)
    {
        _time.Advance(Poll);
        _tracker.Observe(new MasterAnswered(A));
        foreach (var sentinel in new[] { S1, S2, S3 })
            Answer(sentinel, master, epoch);
    }

    private void ForgetAll(ConvoyRedisEndpoint first)
    {
        foreach (var sentinel in new[] { S1, S2, S3 })
            _tracker.Observe(new SentinelLost(sentinel));
        PollAll(first, 0);
        PollAll(first, 0);
        PollAll(first, 0);
    }
}
