using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Client.Tests.Doubles;

namespace ConvoyRedis.Client.Tests.Sentinel;

/// <summary>When a link asks, and what it makes of the answers.</summary>
public sealed class SentinelLinkTests : IAsyncDisposable
{
    private const string NoPermission = "NOPERM this user has no permissions to run this command";

    private readonly LinkUnderTest _subject = new();

    public ValueTask DisposeAsync() => _subject.DisposeAsync();

    [Fact]
    public async Task Link_Starts_SubscribesBeforeItAsks()
    {
        await using var link = _subject.Start();

        await _subject.AtRestAsync();

        Assert.Equal(["PING", "HELLO", "SUBSCRIBE", "SUBSCRIBE", "PING"], _subject.Sentinel.Peer.Commands.Select(command => command[0]).Take(5));
        Assert.Equal(new SentinelAnswered(_subject.Sentinel.Endpoint, _subject.Sentinel.Master, 1), Assert.Single(_subject.Observed.Of<SentinelAnswered>()));
        Assert.True(link.HasAnswered);
        Assert.Equal(_subject.Sentinel.Id, link.Id);
    }

    [Fact]
    public async Task Link_NothingHappens_AsksAndPingsEachSecond()
    {
        await using var link = _subject.Start();

        for (var second = 0; second < 5; second++)
        {
            await _subject.AtRestAsync();
            Assert.Equal(second + 1, _subject.Sentinel.Peer.Count("SENTINEL", "GET-MASTER-ADDR-BY-NAME"));
            _subject.Clock.Advance(SentinelLink.PollPeriod);
        }

        await _subject.AtRestAsync();
        Assert.Equal(6, _subject.Observed.Of<SentinelAnswered>().Count);
        Assert.Empty(_subject.Observed.Of<SentinelLost>());
        Assert.Equal(2, _subject.Sentinel.Peer.Accepted);
    }

    [Fact]
    public async Task Ask_LinkWaits_AsksAtOnce()
    {
        await using var link = _subject.Start();
        await _subject.AtRestAsync();

        link.Ask();

        await _subject.Observed.SeenAsync<SentinelAnswered>(times: 2);
    }

    [Fact]
    public async Task Link_UserMayNotSubscribe_OnlyAsksEachSecond()
    {
        _subject.Answer("SUBSCRIBE", Resp.Error(NoPermission));
        await using var link = _subject.Start();

        for (var second = 0; second < 5; second++)
        {
            await _subject.Clock.WaitedForAsync(SentinelLink.PollPeriod);
            Assert.Equal(second + 1, _subject.Observed.Of<SentinelAnswered>().Count);
            _subject.Clock.Advance(SentinelLink.PollPeriod);
        }

        await _subject.Observed.SeenAsync<SentinelAnswered>(times: 6);
        Assert.Empty(_subject.Observed.Of<SentinelLost>());
        Assert.Equal(2, _subject.Sentinel.Peer.Count("PING"));
        Assert.Equal(1, _subject.Logger.Count(EventIds.SentinelNotSubscribed));
    }

    [Fact]
    public async Task Link_EpochChangesBetweenTheQuestions_AsksAgainUntilItStands()
    {
        var epochs = new Queue<int>([1, 2, 2, 2]);
        _subject.Sentinel.Override = command => IsMasterQuestion(command) ? Fields(epochs.Dequeue()) : null;
        await using var link = _subject.Start();

        await _subject.AtRestAsync();

        Assert.Equal(2, Assert.Single(_subject.Observed.Of<SentinelAnswered>()).Epoch);
        Assert.Empty(epochs);
    }

    [Fact]
    public async Task Link_EpochChangesAllTheTime_AsksThreeTimesAndAgainAfterASecond()
    {
        var epoch = 0;
        _subject.Sentinel.Override = command => IsMasterQuestion(command) ? Fields(Interlocked.Increment(ref epoch)) : null;
        await using var link = _subject.Start();

        await _subject.AtRestAsync();
        Assert.Equal(3, _subject.Sentinel.Peer.Count("SENTINEL", "GET-MASTER-ADDR-BY-NAME"));
        Assert.Empty(_subject.Observed.Of<SentinelAnswered>());
        (_subject.Sentinel.Epoch, _subject.Sentinel.Override) = (7, _ => null);
        _subject.Clock.Advance(SentinelLink.PollPeriod);

        await _subject.Observed.SeenAsync<SentinelAnswered>();
        Assert.Equal(7, _subject.Observed.Of<SentinelAnswered>()[0].Epoch);
    }

    [Fact]
    public async Task Link_SentinelIsAloneForSixAnswers_ReportsThatNoFailoverIsPossible()
    {
        _subject.Sentinel.Override = command => IsMasterQuestion(command) ? Fields(1, "master,s_down") : null;
        await using var link = _subject.Start();

        for (var answer = 1; answer <= 7; answer++)
        {
            await _subject.AtRestAsync();
            Assert.Equal(answer >= 6, link.State.QuorumFault is not null);
            _subject.Clock.Advance(SentinelLink.PollPeriod);
        }

        Assert.Equal(1, _subject.Logger.Count(EventIds.QuorumLost));
        await _subject.AtRestAsync();
        _subject.Sentinel.Override = _ => null;
        _subject.Clock.Advance(SentinelLink.PollPeriod);
        await _subject.AtRestAsync();
        Assert.Null(link.State.QuorumFault);
        Assert.Equal(1, _subject.Logger.Count(EventIds.QuorumRestored));
    }

    [Fact]
    public async Task Link_OthersAgreeThatTheMasterIsDown_ReportsNoQuorumFault()
    {
        _subject.Sentinel.Override = command => IsMasterQuestion(command) ? Fields(1, "master,s_down,o_down") : null;
        await using var link = _subject.Start();

        for (var answer = 1; answer <= 7; answer++)
        {
            await _subject.AtRestAsync();
            _subject.Clock.Advance(SentinelLink.PollPeriod);
        }

        Assert.Null(link.State.QuorumFault);
    }

    private static bool IsMasterQuestion(IReadOnlyList<string> command) => command.Count == 3 && command[1] == "MASTER";

    private static string Fields(int epoch, string flags = "master") => ScriptedSentinel.MasterFields("10.0.0.1", "6379", $"{epoch}", flags);
}
