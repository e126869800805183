using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Client.Tests.Doubles;

namespace ConvoyRedis.Client.Tests.Sentinel;

/// <summary>What a link asks while nothing happens, over one connection, and what makes it ask everything again.</summary>
public sealed class SentinelLinkAtRestTests : IAsyncDisposable
{
    /// <summary>The longest pause between two questions at rest.</summary>
    private static readonly TimeSpan LongestPause = SentinelLink.PollPeriod * 1.2;

    private static readonly ConvoyRedisEndpoint Other = new("10.0.0.2", 6379);

    private readonly LinkUnderTest _subject = new(speaksResp3: true);

    private ScriptedPeer Peer => _subject.Sentinel.Peer;

    public ValueTask DisposeAsync() => _subject.DisposeAsync();

    [Fact]
    public async Task Link_NothingHappens_AsksOneQuestionASecondOverOneConnection()
    {
        await using var link = _subject.Start();
        await RestAsync();
        var asked = Peer.Commands.Count;

        await PassAsync(polls: 100);

        Assert.InRange(Peer.Commands.Count - asked, 100, 100 + 6);
        Assert.InRange(Peer.Count("SENTINEL", "MASTER"), 100, int.MaxValue);
        Assert.Equal(1, Peer.Accepted);
        Assert.Empty(_subject.Observed.Of<SentinelLost>());
        Assert.Single(_subject.Observed.Of<SentinelAnswered>().Distinct());
    }

    [Theory]
    [InlineData("+sdown", "sentinel 0000 10.0.0.9 26379 @ mymaster 10.0.0.1 6379")]
    [InlineData("+tilt", "#tilt mode entered")]
    [InlineData("+odown", "master mymaster 10.0.0.1 6379 #quorum 2/2")]
    [InlineData("+try-failover", "master mymaster 10.0.0.1 6379")]
    public async Task Link_EventAtRest_AsksEverythingAtEachPollForAWhile(string channel, string text)
    {
        await using var link = _subject.Start();
        await RestAsync();

        // When it is heard, the next silence begins, as it did with the last answer.
        await _subject.Sentinel.PublishAsync(channel, text);
        await _subject.Clock.WaitedForAsync(LinkUnderTest.LongestSilence, times: 2);
        await PassAsync(polls: 1);
        var asked = Peer.Count("SENTINEL", "CKQUORUM");
        await PassAsync(polls: 5);
        Assert.Equal(asked + 5, Peer.Count("SENTINEL", "CKQUORUM"));
        await RestAsync();
        asked = Peer.Count("SENTINEL", "CKQUORUM");
        await PassAsync(polls: 5);

        Assert.Equal(asked, Peer.Count("SENTINEL", "CKQUORUM"));
    }

    [Theory]
    [InlineData("10.0.0.2", "1", "master")]
    [InlineData("10.0.0.1", "2", "master")]
    [InlineData("10.0.0.1", "1", "master,s_down")]
    [InlineData("10.0.0.1", "1", "master,failover_in_progress")]
    public async Task Link_AnswerChangesWithoutAnEvent_AsksEverythingAtThatPoll(string host, string epoch, string flags)
    {
        await using var link = _subject.Start();
        await RestAsync();
        var asked = Peer.Count("SENTINEL", "GET-MASTER-ADDR-BY-NAME");

        _subject.Answer("SENTINEL MASTER", ScriptedSentinel.MasterFields(host, "6379", epoch, flags));
        _subject.Clock.Advance(LongestPause);

        await Peer.ReceivedAsync(asked + 1, "SENTINEL", "GET-MASTER-ADDR-BY-NAME");
        await Peer.ReceivedAsync(1, "SENTINEL", "SENTINELS");
    }

    [Fact]
    public async Task Link_EventIsLost_MasterIsFoundByTheNextPoll()
    {
        await using var link = _subject.Start();
        await RestAsync();

        (_subject.Sentinel.Master, _subject.Sentinel.Epoch) = (Other, 2);
        _subject.Clock.Advance(LongestPause);

        await _subject.Observed.SeenAsync<SentinelAnswered>(answer => answer.Master == Other && answer.Epoch == 2);
    }

    [Fact]
    public async Task Ask_AtRest_AsksEverythingAtOnce()
    {
        await using var link = _subject.Start();
        await RestAsync();
        var asked = Peer.Count("SENTINEL", "SENTINELS");

        link.Ask();

        await Peer.ReceivedAsync(asked + 1, "SENTINEL", "SENTINELS");
    }

    [Fact]
    public async Task Link_UserMayNotHearEverything_AsksEverythingAlways()
    {
        _subject.Sentinel.Override = command => command[0] == "SUBSCRIBE" && command.Contains("+sdown") ? Resp.Error("NOPERM no such channel") : null;
        await using var link = _subject.Start();
        await RestAsync();
        var asked = Peer.Count("SENTINEL", "CKQUORUM");

        await PassAsync(polls: 5);

        Assert.Equal(asked + 5, Peer.Count("SENTINEL", "CKQUORUM"));
        await _subject.Sentinel.PublishAsync("+odown", "master mymaster 10.0.0.1 6379 #quorum 2/2");
        await _subject.Observed.SeenAsync<SentinelEvent>();
    }

    [Fact]
    public async Task Link_SentinelHangsAtRest_IsLost()
    {
        await using var link = _subject.Start();
        await RestAsync();

        _subject.Sentinel.Override = _ => ScriptedPeer.Silence;
        _subject.Clock.Advance(LongestPause);
        await _subject.Clock.WaitedForAsync(SentinelLink.AnswerTimeout);
        _subject.Clock.Advance(SentinelLink.AnswerTimeout);

        await _subject.Observed.SeenAsync<SentinelLost>();
    }

    // Until the link is no longer watchful after its connect, or after an event.
    private async Task RestAsync()
    {
        for (var passed = TimeSpan.Zero; passed <= SentinelLink.Watchful; passed += LongestPause)
            await PassAsync(polls: 1);
    }

    private async Task PassAsync(int polls)
    {
        for (var poll = 0; poll < polls; poll++)
        {
            await _subject.Clock.WaitedForAsync(waits => waits.Any(wait => wait >= SentinelLink.PollPeriod && wait <= LongestPause), "the next poll");
            _subject.Clock.Advance(LongestPause);
        }

        await _subject.Clock.WaitedForAsync(waits => waits.Any(wait => wait >= SentinelLink.PollPeriod && wait <= LongestPause), "the next poll");
    }
}
