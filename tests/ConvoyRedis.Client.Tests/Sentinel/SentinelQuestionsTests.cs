using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Sentinel;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace ConvoyRedis.Client.Tests.Sentinel;

/// <summary>What follows from one round of questions; <see cref="SentinelLinkTests"/> and <see cref="SentinelLinkAtRestTests"/> have their times.</summary>
public sealed class SentinelQuestionsTests
{
    private static readonly ConvoyRedisEndpoint Master = new("10.0.0.1", 6379);
    private static readonly ConvoyRedisEndpoint Candidate = new("10.0.0.2", 6379);

    private readonly SentinelReplies _replies = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<FailoverObservation> _observed = [];
    private readonly List<IReadOnlyList<SentinelPeer>> _listed = [];
    private readonly SentinelLinkState _state;
    private readonly SentinelQuestions _questions;

    public SentinelQuestionsTests()
    {
        var context = ConnectionContexts.Create(_time, new FakeLogger());
        _state = new SentinelLinkState(SentinelReplies.Sentinel, _observed.Add, () => { }, context);
        _questions = new SentinelQuestions(_state, new Signal(context.Time), _observed.Add, _listed.Add, context);
        _replies["SENTINEL GET-MASTER-ADDR-BY-NAME"] = SentinelReplies.Texts("10.0.0.1", "6379");
        Say("master");
    }

    [Fact]
    public async Task Ask_Complete_GivesTheAnswerAndThePeers()
    {
        _replies["SENTINEL SENTINELS"] = SentinelReplies.List(SentinelReplies.Texts("ip", "10.0.0.8", "port", "26379", "runid", "eight"));

        await AskOnceAsync();

        Assert.Equal([new SentinelAnswered(SentinelReplies.Sentinel, Master, 7)], _observed);
        Assert.Equal("eight", Assert.Single(Assert.Single(_listed)).Id);
        Assert.True(_state.HasAnswered);
    }

    [Fact]
    public async Task Ask_PeersDenied_ListsNobody()
    {
        await AskOnceAsync();

        Assert.Empty(_listed);
    }

    [Theory]
    [InlineData("10.0.0.1", nameof(MasterHealth.ObjectivelyDown))]
    [InlineData("10.0.0.2", nameof(MasterHealth.Up))]
    public async Task Ask_AnotherAddressIsNamed_DoesNotTakeOverTheHealthOfTheOld(string named, string health)
    {
        _replies["SENTINEL GET-MASTER-ADDR-BY-NAME"] = SentinelReplies.Texts(named, "6379");
        Say("master,s_down,o_down");

        await AskOnceAsync();

        Assert.Equal(Enum.Parse<MasterHealth>(health), Assert.IsType<SentinelAnswered>(Assert.Single(_observed)).Health);
    }

    [Fact]
    public async Task Ask_UnknownMaster_IsTheFaultOfTheLink()
    {
        _replies["SENTINEL MASTER"] = SentinelReplies.Error("ERR No such master with that name");

        await AskOnceAsync();

        Assert.Equal(ConvoyRedisFault.UnknownMasterName, _state.Fault?.Fault);
        Assert.Empty(_observed);
        Assert.DoesNotContain("SENTINEL CKQUORUM mymaster", _replies.Asked);
    }

    [Fact]
    public async Task Ask_AddressUnknown_IsTheFaultOfTheLink()
    {
        _replies["SENTINEL GET-MASTER-ADDR-BY-NAME"] = SentinelReplies.List();

        await AskOnceAsync();

        Assert.Equal(ConvoyRedisFault.UnknownMasterName, _state.Fault?.Fault);
        Assert.Empty(_observed);
    }

    [Fact]
    public async Task Ask_UnusableAddress_IsTheFaultOfTheLink_WhichStays()
    {
        _replies["SENTINEL GET-MASTER-ADDR-BY-NAME"] = SentinelReplies.Texts("10.0.0.1", "0");

        await AskOnceAsync();

        Assert.Equal(ConvoyRedisFault.NoMaster, _state.Fault?.Fault);
        Assert.DoesNotContain("SENTINEL CKQUORUM mymaster", _replies.Asked);
    }

    [Fact]
    public async Task Ask_QuorumLost_IsReported()
    {
        _replies["SENTINEL CKQUORUM"] = SentinelReplies.Error("NOQUORUM 1 usable Sentinels");

        await AskOnceAsync();

        Assert.Equal("NOQUORUM 1 usable Sentinels", _state.Shown.QuorumFault);
    }

    [Fact]
    public async Task Ask_PromotionOrderedBeforeWeListened_IsObservedOnce()
    {
        Say("master,failover_in_progress", "wait_promotion");
        Promote();

        await AskOnceAsync();
        await AskOnceAsync();

        Assert.Equal(
            [SentinelEventKind.CandidateSelected, SentinelEventKind.PromotionOrdered], _observed.OfType<SentinelEvent>().Select(published => published.Kind));
        Assert.All(_observed.OfType<SentinelEvent>(), published => Assert.Equal((Master, Candidate), (published.Master!.Value, published.Candidate!.Value)));
    }

    [Theory]
    [InlineData(nameof(SentinelEventKind.PromotionOrdered), 1)]
    [InlineData(nameof(SentinelEventKind.CandidateSelected), 3)]
    public async Task Ask_OrderWasPublished_IsNotObservedAgain(string heard, int events)
    {
        Say("master,failover_in_progress", "wait_promotion");
        Promote();
        _questions.NoteEvent(new SentinelEvent(SentinelReplies.Sentinel, Enum.Parse<SentinelEventKind>(heard), Master, Candidate));

        await AskOnceAsync();

        Assert.Equal(events, _observed.OfType<SentinelEvent>().Count());
    }

    [Fact]
    public async Task Ask_NextFailoverOfTheSameCandidate_IsObservedAgain()
    {
        Say("master,failover_in_progress", "wait_promotion");
        Promote();
        await AskOnceAsync();
        Say("master");
        await AskOnceAsync();
        Say("master,failover_in_progress", "wait_promotion");
        await AskOnceAsync();

        Assert.Equal(4, _observed.OfType<SentinelEvent>().Count());
    }

    [Theory]
    [InlineData("master", "0", true)]
    [InlineData("master,s_down", "0", false)]
    [InlineData("master", "1", false)]
    public async Task Ask_AtRest_AsksOneThing_ElseEverything(string flags, string tilt, bool isAtRest)
    {
        Say(flags);
        _replies["INFO sentinel"] = SentinelReplies.Text($"# Sentinel\r\nsentinel_tilt:{tilt}\r\n");
        await AskOnceAsync();
        _time.Advance(SentinelLink.Watchful);
        _replies.Asked.Clear();
        _observed.Clear();

        await AskOnceAsync();

        Assert.Equal(isAtRest ? 1 : 6, _replies.Asked.Count);
        Assert.Single(_observed);
    }

    private void Say(string flags, string? failoverState = null) => _replies["SENTINEL MASTER"] = SentinelReplies.Texts(
        ["ip", "10.0.0.1", "port", "6379", "flags", flags, "config-epoch", "7", .. failoverState is null ? Array.Empty<string>() : ["failover-state", failoverState]]);

    private void Promote() => _replies["SENTINEL REPLICAS"] = SentinelReplies.List(SentinelReplies.Texts("ip", "10.0.0.2", "port", "6379", "flags", "slave,promoted"));

    // The replies are there at once: when the call returns, it waits for the next round.
    private async Task AskOnceAsync()
    {
        using var ended = new CancellationTokenSource();
        var asking = _questions.AskAsync(_replies.Client, isToldOfChanges: true, ended.Token);
        Assert.False(asking.IsCompleted);
        await ended.CancelAsync();
        await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
