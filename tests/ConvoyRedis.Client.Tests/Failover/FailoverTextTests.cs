using ConvoyRedis.Client.Failover;
using static ConvoyRedis.Client.Tests.Failover.Deployment;

namespace ConvoyRedis.Client.Tests.Failover;

/// <summary>The texts that logs, timelines and recorded traces show.</summary>
public sealed class FailoverTextTests
{
    [Fact]
    public void Observation_OfEachKind_SaysWhoSaysWhat() => Assert.Equal(
        [
            "10.0.0.1:26379 names 10.0.0.1:6379 at epoch 5",
            "10.0.0.1:26379 names 10.0.0.1:6379 at epoch 5 in tilt ObjectivelyDown without a vote",
            "10.0.0.1:26379 is lost",
            "10.0.0.1:26379 is disowned",
            "10.0.0.1:26379 says MonitorChanged",
            "10.0.0.1:26379 says PromotionOrdered of 10.0.0.1:6379 for 10.0.0.2:6379",
            "10.0.0.2:6379 is a master",
            "10.0.0.2:6379 is no master yet",
            "10.0.0.1:6379 is still a master",
            "10.0.0.2:6379, which is named, is a master",
            "10.0.0.2:6379, which is named, is no master",
            "a replica may lack 7 bytes of 10.0.0.1:6379 at the order",
            "10.0.0.1:6379 is no master any more",
            "10.0.0.1:6379 is no master any more, but a replica of 10.0.0.2:6379",
            "time passed",
        ],
        Texts(
            new SentinelAnswered(S1, A, 5),
            new SentinelAnswered(S1, A, 5, IsInTilt: true, MasterHealth.ObjectivelyDown, HasVote: false),
            new SentinelLost(S1),
            new SentinelDisowned(S1),
            new SentinelEvent(S1, SentinelEventKind.MonitorChanged),
            new SentinelEvent(S1, SentinelEventKind.PromotionOrdered, A, B),
            new CandidateProbed(B, IsMaster: true),
            new CandidateProbed(B, IsMaster: false),
            new MasterAnswered(A, B, C),
            new NamedAnswered(B, IsMaster: true),
            new NamedAnswered(B, IsMaster: false),
            new ReplicasLagged(A, 7),
            new MasterDemoted(A),
            new MasterDemoted(A, B),
            new TimePassed()));

    [Fact]
    public void Decision_AboutWhoIsAsked_SaysWho() => Assert.Equal(
        ["ask 10.0.0.1:26379 for the master", "ask 10.0.0.2:6379 whether it is a master", "ask 10.0.0.2:6379 no more"],
        Texts(new AskSentinel(S1), new AskNamed(B), new StopAsking(B)));

    private static IEnumerable<string> Texts(params object[] parts) => parts.Select(part => $"{part}");
}
