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

        Assert.Equal(["PING", "HELLO", "SENTINEL MYID", "SUBSCRIBE", "SUBSCRIBE", "PING"],
            _subject.Sentinel.Peer.Commands.Select(command => command[0] == "SENTINEL" ? $"SENTINEL {command[1]}" : command[0]).Take(6));
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

    // It connects while a failover is under way: what the leader published before is shown by its answers.
    [Theory]
    [InlineData("send_slaveof_noone", true)]
    [InlineData("wait_promotion", true)]
    [InlineData("wait_start", false)]
    [InlineData("reconf_slaves", false)]
    public async Task Link_PromotionWasOrderedBeforeItConnected_IsToldOnce(string state, bool isOrdered)
    {
        _subject.Sentinel.Override = command => command switch
        {
            ["SENTINEL", "MASTER", _] => Resp.Bulks(
                "ip", "10.0.0.1", "port", "6379", "flags", "master,failover_in_progress", "config-epoch", "1", "failover-state", state),
            ["SENTINEL", "REPLICAS", _] => Resp.Array(
                Resp.Bulks("ip", "10.0.0.2", "port", "6379", "flags", "slave"), Resp.Bulks("ip", "10.0.0.3", "port", "6379", "flags", "slave,promoted")),
            _ => null,
        };
        await using var link = _subject.Start();
        await _subject.AtRestAsync();
        _subject.Clock.Advance(SentinelLink.PollPeriod);
        await _subject.AtRestAsync();

        var (master, candidate) = (new ConvoyRedisEndpoint("10.0.0.1", 6379), new ConvoyRedisEndpoint("10.0.0.3", 6379));
        SentinelEvent[] expected =
        [
            new(_subject.Sentinel.Endpoint, SentinelEventKind.CandidateSelected, master, candidate),
            new(_subject.Sentinel.Endpoint, SentinelEventKind.PromotionOrdered, master, candidate),
        ];
        Assert.Equal(isOrdered ? expected : [], _subject.Observed.Of<SentinelEvent>());
    }

    [Fact]
    public async Task Link_PromotionWasPublished_IsNotToldAgain()
    {
        await using var link = _subject.Start();
        await _subject.AtRestAsync();
        await _subject.Sentinel.PublishFailoverAsync(new("10.0.0.3", 6379));
        await _subject.Observed.SeenAsync<SentinelEvent>(times: 2);
        _subject.Sentinel.Override = command => command switch
        {
            ["SENTINEL", "MASTER", _] => Resp.Bulks(
                "ip", "10.0.0.1", "port", "6379", "flags", "master,failover_in_progress", "config-epoch", "1", "failover-state", "wait_promotion"),
            ["SENTINEL", "REPLICAS", _] => Resp.Array(Resp.Bulks("ip", "10.0.0.3", "port", "6379", "flags", "slave,promoted")),
            _ => null,
        };
        _subject.Clock.Advance(SentinelLink.PollPeriod);
        await _subject.Sentinel.Peer.ReceivedAsync(1, "SENTINEL", "REPLICAS");
        await _subject.Sentinel.Peer.ReceivedAsync(2, "SENTINEL", "SENTINELS");

        Assert.Equal(2, _subject.Observed.Of<SentinelEvent>().Count);
    }

    [Fact]
    public async Task Link_ConnectionForQuestionsReachesAnotherSentinel_IsMadeAgain()
    {
        var asked = 0;
        _subject.Sentinel.Override = command => command is ["SENTINEL", "MYID"] && Interlocked.Increment(ref asked) is 2 or 3 ? Resp.Bulk("another") : null;
        await using var link = _subject.Start();

        await _subject.AtRestAsync();

        Assert.Equal(4, _subject.Sentinel.Peer.Accepted);
        await _subject.Sentinel.Peer.ConnectedAsync(2);
        Assert.Empty(_subject.Observed.Of<SentinelLost>());
    }

    private static bool IsMasterQuestion(IReadOnlyList<string> command) => command.Count == 3 && command[1] == "MASTER";

    private static string Fields(int epoch, string flags = "master") => ScriptedSentinel.MasterFields("10.0.0.1", "6379", $"{epoch}", flags);
}
