using ConvoyRedis.Client.Connection;
using ConvoyRedis.Shared;
using Microsoft.Extensions.Time.Testing;

namespace ConvoyRedis.Client.Tests.Connection;

public sealed class ReplicaChoiceTests
{
    private static readonly ConvoyRedisEndpoint Master = new("10.0.0.1", 6379);
    private static readonly ConvoyRedisEndpoint B = new("10.0.0.2", 6379);
    private static readonly ConvoyRedisEndpoint C = new("10.0.0.3", 6379);
    private static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly ReplicaChoice _choice;

    public ReplicaChoiceTests() => _choice = new ReplicaChoice(null, LongestLag, _time);

    [Fact]
    public void NobodyHasNamedReplicas_ThereIsNone()
    {
        Assert.Null(_choice.Choose(Master));
        Assert.False(_choice.IsInStep(B));
    }

    [Fact]
    public void TheMasterLists_AreInStep_AndOneOfThemIsChosen()
    {
        Assert.True(_choice.NoteReplicas(Master, Role(100, (B, 100), (C, 100))));
        Assert.False(_choice.NoteReplicas(Master, Role(110, (C, 110), (B, 100))));

        var chosen = Enumerable.Range(0, 100).Select(_ => _choice.Choose(Master)!.Value).Distinct().ToHashSet();
        Assert.Equal([B, C], chosen.OrderBy(endpoint => endpoint.Host));
    }

    [Fact]
    public void NoLongerListed_IsNotInStep()
    {
        _choice.NoteReplicas(Master, Role(100, (B, 100), (C, 100)));
        Assert.True(_choice.NoteReplicas(Master, Role(100, (C, 100))));

        Assert.False(_choice.IsInStep(B));
    }

    [Fact]
    public void AcknowledgesNothingForLong_IsNotInStep()
    {
        for (var second = 0; second <= 20; second++)
        {
            _choice.NoteReplicas(Master, Role(100 + second, (B, 100), (C, 100 + second)));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(_choice.IsInStep(B));
        Assert.True(_choice.IsInStep(C));
    }

    [Fact]
    public void Candidate_IsLeft_UntilItIsNoneAnyMore()
    {
        _choice.NoteReplicas(Master, Role(100, (B, 100)));

        _choice.Candidate = B;
        Assert.Null(_choice.Choose(Master));
        _choice.Candidate = null;
        Assert.Equal(B, _choice.Choose(Master));
    }

    [Fact]
    public void Failover_Begins_NobodyIsReadFrom_UntilItIsOverOrCameToNothing()
    {
        _choice.NoteReplicas(Master, Role(100, (B, 100)));

        _choice.Suspend();
        Assert.Null(_choice.Choose(Master));
        _time.Advance(ReplicaMonitor.Rest);
        Assert.Equal(B, _choice.Choose(Master));

        _choice.Suspend();
        _choice.ForgetReplicas();
        _choice.NoteReplicas(C, Role(100, (B, 100)));
        Assert.Equal(B, _choice.Choose(C));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Unfit_IsLeftForAMoment(bool answers)
    {
        _choice.NoteReplicas(Master, Role(100, (B, 100)));

        _choice.NoteUnfit(B, answers);
        Assert.Equal((true, !answers, null), (_choice.IsResting(B), _choice.IsSilent(B), _choice.Choose(Master)));
        _time.Advance(ReplicaMonitor.Rest);
        Assert.Equal((false, false, B), (_choice.IsResting(B), _choice.IsSilent(B), _choice.Choose(Master)));
    }

    [Fact]
    public void Unfit_AgainAndAgain_IsNewsOnce()
    {
        Assert.True(_choice.NoteUnfit(B, answers: true));
        _time.Advance(ReplicaMonitor.Rest);
        Assert.False(_choice.NoteUnfit(B, answers: true));
        _time.Advance(ReplicaMonitor.Rest * 3);
        Assert.True(_choice.NoteUnfit(B, answers: true));
    }

    [Fact]
    public void AnotherMaster_ItsReplicasAreNotKnownYet()
    {
        _choice.NoteReplicas(Master, Role(100, (B, 100), (C, 100)));

        _choice.ForgetReplicas();
        Assert.Null(_choice.Choose(B));
        _choice.NoteReplicas(B, Role(100, (C, 100)));
        Assert.Equal(C, _choice.Choose(B));
    }

    [Fact]
    public void Candidate_ListedUnderAnotherName_IsLeftUnderThat()
    {
        _choice.NoteReplicas(Master, Role(100, (B, 100)));

        _choice.Candidate = C;
        _choice.Rename(C, B);
        Assert.False(_choice.IsInStep(B));
        _choice.Candidate = null;
        _choice.Rename(C, B);
        Assert.True(_choice.IsInStep(B));
    }

    [Fact]
    public void NamedBySettings_AreInStepWhateverTheMasterSays_OnceItHasAnswered()
    {
        var choice = new ReplicaChoice([B], LongestLag, _time);
        Assert.Null(choice.Choose(Master));

        Assert.True(choice.NoteReplicas(Master, Role(100)));
        Assert.False(choice.NoteReplicas(Master, new RespReply("NOPERM", [], IsError: true)));

        Assert.Equal(B, choice.Choose(Master));
    }

    [Fact]
    public void SettingsNameNone_ThereIsNothingToAsk() => Assert.True(new ReplicaChoice([], LongestLag, _time).IsKnown);

    private static RespReply Role(long offset, params (ConvoyRedisEndpoint Node, long Offset)[] replicas) => new(null,
    [
        new RespReply("master", []),
        new RespReply($"{offset}", []),
        new RespReply(null, [.. replicas.Select(replica => new RespReply(null,
            [new RespReply(replica.Node.Host, []), new RespReply($"{replica.Node.Port}", []), new RespReply($"{replica.Offset}", [])]))]),
    ]);
}
