using ConvoyRedis.Client.Failover;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;
using static ConvoyRedis.Client.Tests.Failover.Deployment;

namespace ConvoyRedis.Client.Tests.Failover;

/// <summary>What holds for whatever is observed, in whatever order, lost or repeated.</summary>
public sealed class MasterTrackerPropertyTests
{
    [Fact]
    public void Observe_AnythingInAnyOrder_KeepsItsPromises() =>
        Prop.ForAll(Gen.ListOf(Observations()).ToArbitrary(), observations =>
        {
            var time = new FakeTimeProvider();
            var tracker = new MasterTracker(FailoverMode.Eager, HoldDeadline, time);
            var isHeld = false;
            var opinions = new Dictionary<ConvoyRedisEndpoint, (ConvoyRedisEndpoint? Master, long Epoch)>();
            ConvoyRedisEndpoint? lastWorking = null;
            var worksUntil = 0L;
            foreach (var (observation, pause) in observations)
            {
                time.Advance(pause);
                var before = tracker.View;
                var decisions = tracker.Observe(observation);
                if (observation is SentinelAnswered answered)
                    opinions[answered.Sentinel] = (answered.Master, answered.Epoch);
                if (observation is SentinelLost lost)
                    opinions.Remove(lost.Sentinel);
                if (observation is SentinelDisowned gone)
                    opinions.Remove(gone.Sentinel);
                AssertPromises(tracker.View, decisions, ref isHeld);

                // Below the highest committed epoch only where a majority of those that answer is.
                Assert.True(tracker.View.Epoch >= before.Epoch || opinions.Values.Count(opinion => opinion.Epoch == tracker.View.Epoch) * 2 > opinions.Count);

                // A master that works is left only for a node that says that it is one; or given up, if it is objectively down when a promotion is ordered.
                if (observation is MasterAnswered working)
                    (worksUntil, lastWorking) = (time.GetTimestamp() + MasterTracker.FailoverPatience.Ticks, working.Node);
                if (observation is MasterDemoted demoted && demoted.Node == lastWorking)
                    lastWorking = null;
                if (before.Phase == ConvoyRedisPhase.Following && !before.IsTentative && before.Master == lastWorking && time.GetTimestamp() <= worksUntil
                    && tracker.View.Master != before.Master && !decisions.Any(decision => decision is GiveUpMaster))
                {
                    Assert.True(observation is NamedAnswered { IsMaster: true } named && named.Node == tracker.View.Master, $"{observation}: {before} to {tracker.View}");
                }
            }

            // A hold always ends, and a tentative move is committed by the next higher epoch, once no sentinel is distrusted any more: whom a majority has
            // named may be followed now that the master does not answer, and whoever named another one is distrusted from then on.
            time.Advance(SentinelVotes.DistrustPeriod * 2);
            var endings = tracker.Observe(new TimePassed());
            AssertPromises(tracker.View, endings, ref isHeld);
            Assert.False(isHeld);
            time.Advance(SentinelVotes.DistrustPeriod * 2);
            tracker.Observe(new SentinelAnswered(S1, C, 100));

            // One that was named before, and said that it is a replica, is asked until it says otherwise.
            tracker.Observe(new NamedAnswered(C, IsMaster: true));
            Assert.Equal(new MasterView(ConvoyRedisPhase.Following, C, 100, null), tracker.View);
        }).Holds();

    [Fact]
    public void Observe_TruthfulSentinelsHeardAsMayBe_ConvergesOnTheirMaster()
    {
        var heard =
            from sentinel in Gen.Elements(S1, S2, S3)
            from what in Gen.Choose(0, 5)
            from pause in Gen.Elements(TimeSpan.Zero, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3))
            select (sentinel, what, pause);
        var failover =
            from successor in Gen.Elements(A, B, C)
            from isPromoted in Gen.Elements(true, true, false)
            from words in Gen.ListOf(heard)
            select (successor, isPromoted, words);
        Prop.ForAll(Gen.ListOf(failover).ToArbitrary(), failovers =>
        {
            var time = new FakeTimeProvider();
            var tracker = new MasterTracker(FailoverMode.Eager, HoldDeadline, time);
            var (master, epoch) = (A, 0L);
            tracker.Observe(new SentinelAnswered(S1, master, epoch));
            foreach (var (successor, isPromoted, words) in failovers.Where(failover => failover.successor != master))
            {
                // Whatever of the failover reaches us, in whatever order: all of it is true at some moment of it.
                foreach (var (sentinel, what, pause) in words)
                {
                    time.Advance(pause);
                    tracker.Observe(what switch
                    {
                        0 => new SentinelEvent(sentinel, SentinelEventKind.CandidateSelected, master, successor),
                        1 => new SentinelEvent(sentinel, SentinelEventKind.PromotionOrdered, master, successor),
                        2 => new CandidateProbed(successor, IsMaster: true),
                        3 => new SentinelLost(sentinel),
                        4 when isPromoted => new SentinelAnswered(sentinel, successor, epoch + 1),
                        _ => new SentinelAnswered(sentinel, master, epoch),
                    });
                }

                if (isPromoted)
                    (master, epoch) = (successor, epoch + 1);
                else
                    tracker.Observe(new MasterDemoted(successor));
            }

            foreach (var sentinel in new[] { S1, S2, S3 })
                tracker.Observe(new SentinelAnswered(sentinel, master, epoch));
            time.Advance(MasterTracker.FailoverPatience * 2);
            tracker.Observe(new TimePassed());
            Assert.Equal(new MasterView(ConvoyRedisPhase.Following, master, epoch, null), tracker.View);
        }).Holds();
    }

    private static void AssertPromises(MasterView view, IReadOnlyList<MasterDecision> decisions, ref bool isHeld)
    {
        foreach (var decision in decisions)
        {
            Assert.False(decision is HoldMaster && isHeld, "Held twice.");
            Assert.False(decision is ReleaseMaster && !isHeld, "Released what was not held.");
            isHeld = decision switch
            {
                HoldMaster => true,
                ReleaseMaster or HandOver or Follow or GiveUpMaster => false,
                _ => isHeld,
            };
        }

        Assert.Equal(isHeld, view.Phase == ConvoyRedisPhase.Holding);
        Assert.False(view.IsTentative && view.Previous == view.Master);
    }

    private static Gen<(FailoverObservation Observation, TimeSpan Pause)> Observations()
    {
        var sentinel = Gen.Elements(S1, S2, S3);
        var node = Gen.Elements(A, B, C);
        var answered =
            from own in sentinel
            from master in node
            from epoch in Gen.Choose(0, 5)
            select (FailoverObservation)new SentinelAnswered(own, master, epoch);
        var published =
            from own in sentinel
            from kind in Gen.Elements(Enum.GetValues<SentinelEventKind>())
            from master in node
            from candidate in node
            select (FailoverObservation)new SentinelEvent(own, kind, master, candidate);
        var probed = node.Zip(Gen.Elements(true, false)).Select(FailoverObservation (probe) => new CandidateProbed(probe.Item1, probe.Item2));
        var working = node.Select(FailoverObservation (node) => new MasterAnswered(node, A, B, C));
        var named = node.Zip(Gen.Elements(true, false)).Select(FailoverObservation (probe) => new NamedAnswered(probe.Item1, probe.Item2));
        var disowned = sentinel.Select(FailoverObservation (sentinel) => new SentinelDisowned(sentinel));
        var demoted = node.Zip(node).Select(FailoverObservation (pair) => new MasterDemoted(pair.Item1, pair.Item2 == pair.Item1 ? null : pair.Item2));
        var lost = sentinel.Select(FailoverObservation (lost) => new SentinelLost(lost));
        var pause = Gen.Elements(TimeSpan.Zero, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
        return Gen.OneOf(answered, answered, published, published, probed, working, named, disowned, demoted, lost, Gen.Constant<FailoverObservation>(new TimePassed())).Zip(pause);
    }
}
