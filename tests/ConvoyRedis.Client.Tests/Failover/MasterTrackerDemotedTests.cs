using ConvoyRedis.Client.Failover;
using Microsoft.Extensions.Time.Testing;
using static ConvoyRedis.Client.Tests.Failover.Deployment;

namespace ConvoyRedis.Client.Tests.Failover;

/// <summary>A master that became a replica without Sentinel: FAILOVER or REPLICAOF on the node itself. A was the master, and B its replica.</summary>
public sealed class MasterTrackerDemotedTests
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private MasterTracker _tracker;

    public MasterTrackerDemotedTests() => _tracker = Start(FailoverMode.Eager);

    [Fact]
    public void Observe_NamesItsReplica_FollowsItWhenItIsAMaster()
    {
        Assert.Equal([new AskNamed(B)], _tracker.Observe(new MasterDemoted(A, B)));
        Assert.Empty(_tracker.Observe(new NamedAnswered(B, IsMaster: false)));
        Assert.Empty(_tracker.Findings.Refuted);
        Assert.Equal(A, _tracker.View.Master);

        Assert.Equal([new Follow(B, MasterChangeCause.NamedByFormer), new StopAsking(B)], _tracker.Observe(new NamedAnswered(B, IsMaster: true)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, B, 5, null), _tracker.View);
    }

    // Sentinels take their down-after and 20 s to notice.
    [Fact]
    public void Observe_SentinelsStillNameTheFormerMaster_StaysAndSaysSo_UntilTheyAnnounceAnother()
    {
        _tracker.Observe(new MasterDemoted(A, B));
        _tracker.Observe(new NamedAnswered(B, IsMaster: true));

        for (var second = 0; second < 30; second++)
        {
            PollAll();
            _tracker.Observe(new NamedAnswered(A, IsMaster: false));
        }

        Assert.Equal(B, _tracker.View.Master);
        Assert.Equal(A, Assert.Single(_tracker.Findings.Refuted).Node);

        Assert.Equal([new StopAsking(A)], _tracker.Observe(new SentinelAnswered(S1, B, 6)));
        Assert.Equal(new MasterView(ConvoyRedisPhase.Following, B, 6, null), _tracker.View);
    }

    // The node said that it is a replica, and then the sentinels promoted it.
    [Fact]
    public void Observe_SentinelsAnnounceTheNamedNode_FollowsItAtOnce()
    {
        _tracker.Observe(new MasterDemoted(A, B));
        _tracker.Observe(new NamedAnswered(B, IsMaster: false));

        Assert.Equal([new Follow(B, MasterChangeCause.Announced), new StopAsking(B)], _tracker.Observe(new SentinelAnswered(S1, B, 6)));
    }

    [Fact]
    public void Observe_IsAMasterAgain_IsKept()
    {
        _tracker.Observe(new MasterDemoted(A, B));

        Assert.Equal([new StopAsking(B)], _tracker.Observe(new MasterAnswered(A, B)));
        Assert.Empty(_tracker.Observe(new NamedAnswered(B, IsMaster: true)));
        Assert.Equal(A, _tracker.View.Master);
    }

    // A mistake of whoever typed it: to write there would be to write into the data of others.
    [Fact]
    public void Observe_NamesANodeThatWasNotItsReplica_IsNotAsked() => Assert.Empty(_tracker.Observe(new MasterDemoted(A, C)));

    [Fact]
    public void Observe_OnlySentinelsMayAnnounce_IsNotAsked()
    {
        _tracker = Start(FailoverMode.Announced);

        Assert.Empty(_tracker.Observe(new MasterDemoted(A, B)));
    }

    [Fact]
    public void Observe_FailoverIsUnderWay_IsNotAsked()
    {
        _tracker.Observe(new SentinelEvent(S1, SentinelEventKind.CandidateSelected, A, C));

        Assert.Empty(_tracker.Observe(new MasterDemoted(A, B)));
    }

    private MasterTracker Start(FailoverMode mode)
    {
        var tracker = new MasterTracker(mode, HoldDeadline, _time);
        foreach (var sentinel in new[] { S1, S2, S3 })
            tracker.Observe(new SentinelAnswered(sentinel, A, 5));
        tracker.Observe(new MasterAnswered(A, B));
        return tracker;
    }

    private void PollAll()
    {
        _time.Advance(Poll);
        _tracker.Observe(new MasterAnswered(B));
        foreach (var sentinel in new[] { S1, S2, S3 })
            _tracker.Observe(new SentinelAnswered(sentinel, A, 5));
    }
}
