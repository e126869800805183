using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Client.Tests.Doubles;

namespace ConvoyRedis.Client.Tests.Sentinel;

/// <summary>When a link gives a sentinel up, and how soon it is made again.</summary>
public sealed class SentinelLinkLossTests : IAsyncDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly LinkUnderTest _subject = new();

    public ValueTask DisposeAsync() => _subject.DisposeAsync();

    [Fact]
    public async Task Link_SubscriptionIsNotConfirmed_DoesNotAskAndIsLost()
    {
        _subject.Answer("SUBSCRIBE", ScriptedPeer.Silence);
        await using var link = _subject.Start();
        await _subject.Sentinel.Peer.ReceivedAsync(1, "SUBSCRIBE");
        await _subject.Clock.WaitedForAsync(SentinelLink.AnswerTimeout);

        _subject.Clock.Advance(SentinelLink.AnswerTimeout - Moment);
        Assert.Empty(_subject.Observed.Of<SentinelLost>());
        _subject.Clock.Advance(Moment);

        await _subject.Observed.SeenAsync<SentinelLost>();
        Assert.Equal(0, _subject.Sentinel.Peer.Count("SENTINEL", "MASTER"));
    }

    [Fact]
    public async Task Link_SentinelOwesAnAnswer_IsLostAfter1500MillisecondsAndMadeAgain()
    {
        await using var link = _subject.Start();
        await _subject.AtRestAsync();
        _subject.Answer("SENTINEL MASTER", ScriptedPeer.Silence);
        _subject.Clock.Advance(SentinelLink.PollPeriod);
        await _subject.Sentinel.Peer.ReceivedAsync(3, "SENTINEL", "MASTER");

        _subject.Clock.Advance(TimeSpan.FromMilliseconds(1499));
        Assert.Empty(_subject.Observed.Of<SentinelLost>());
        _subject.Clock.Advance(Moment);

        await _subject.Observed.SeenAsync<SentinelLost>();
        Assert.Contains("no answer within 1500 ms", link.Fault!.Message, StringComparison.Ordinal);
        _subject.Sentinel.Override = _ => null;
        await _subject.Clock.WaitedForAsync(waits => waits.Any(wait => wait <= SentinelLink.PollPeriod), "a pause, or after none for the next question");
        _subject.Clock.Advance(SentinelLink.PollPeriod);
        await _subject.Observed.SeenAsync<SentinelAnswered>(times: 2);
        Assert.Null(link.Fault);
    }

    [Fact]
    public async Task Link_SubscriptionIsSilent_IsLostAlthoughQuestionsAreAnswered()
    {
        // The pings of both dials come before those of the subscription.
        var pings = 0;
        _subject.Sentinel.Override = command => command[0] == "PING" && Interlocked.Increment(ref pings) > 2 ? ScriptedPeer.Silence : null;
        await using var link = _subject.Start();
        for (var second = 0; second < 2; second++)
        {
            await _subject.Clock.WaitedForAsync(SentinelLink.PollPeriod, times: 2);
            _subject.Clock.Advance(SentinelLink.PollPeriod);
        }

        await _subject.Clock.WaitedForAsync(SentinelLink.PollPeriod, times: 2);
        _subject.Clock.Advance(LinkUnderTest.LongestSilence - (2 * SentinelLink.PollPeriod) - Moment);
        Assert.Empty(_subject.Observed.Of<SentinelLost>());
        _subject.Clock.Advance(Moment);

        await _subject.Observed.SeenAsync<SentinelLost>();
        Assert.Equal(3, _subject.Observed.Of<SentinelAnswered>().Count);
    }

    [Fact]
    public async Task Link_LostAgainAndAgain_PausesGrowToASecond()
    {
        _subject.Answer("SUBSCRIBE", ScriptedPeer.Close);
        await using var link = _subject.Start();

        var pauses = await PausesAsync(100, () => Task.CompletedTask);

        Assert.All(pauses, pause => Assert.InRange(pause.Length, TimeSpan.Zero, LongestPauseAfter(pause.Losses)));
        Assert.Contains(pauses, pause => pause.Length > TimeSpan.FromMilliseconds(500));
    }

    // Each pause is random: that ten that may be longer are all this short has a probability of 10⁻⁸.
    [Theory]
    [InlineData(4, false)]
    [InlineData(6, true)]
    public async Task Link_LostAfterSomeSeconds_PausesStayShortIfItWasStable(int seconds, bool isStable)
    {
        await using var link = _subject.Start();

        var pauses = await PausesAsync(10, async () =>
        {
            for (var second = 0; second < seconds; second++)
            {
                await _subject.AtRestAsync();
                _subject.Clock.Advance(SentinelLink.PollPeriod);
            }

            await _subject.AtRestAsync();
            _subject.Sentinel.Peer.DropConnections();
        });

        Assert.Equal(isStable, pauses.All(pause => pause.Length <= LongestPauseAfter(losses: 1)));
    }

    [Fact]
    public async Task Link_SubscriptionIsRefusedOtherwise_IsLost()
    {
        _subject.Answer("SUBSCRIBE", Resp.Error("ERR too busy"));
        await using var link = _subject.Start();

        await _subject.Observed.SeenAsync<SentinelLost>();

        Assert.Equal(0, _subject.Sentinel.Peer.Count("SENTINEL", "MASTER"));
    }

    [Fact]
    public async Task Dispose_WhileASentinelOwesAnAnswer_EndsBothConnections()
    {
        _subject.Answer("SENTINEL MASTER", ScriptedPeer.Silence);
        var link = _subject.Start();
        await _subject.Sentinel.Peer.ReceivedAsync(1, "SENTINEL", "MASTER");

        await link.DisposeAsync();

        await _subject.Sentinel.Peer.ConnectedAsync(0);
    }

    private static TimeSpan LongestPauseAfter(int losses) => TimeSpan.FromMilliseconds(Math.Min(1000, 100 * Math.Pow(2, losses - 1)));

    // Shorter than whatever else the link waits for.
    private static bool IsPause(TimeSpan wait) => wait < SentinelLink.PollPeriod;

    // A pause of no time is none that anybody waits for: then the link is at rest again at the same moment, or lost once more.
    private async Task<IReadOnlyList<(int Losses, TimeSpan Length)>> PausesAsync(int count, Func<Task> untilLostAsync)
    {
        var pauses = new List<(int, TimeSpan)>();
        for (var pause = 0; pause < count; pause++)
        {
            await untilLostAsync();
            var length = TimeSpan.Zero;
            await _subject.Clock.WaitedForAsync(
                waits => (length = waits.FirstOrDefault(IsPause)) > TimeSpan.Zero || waits.Count(wait => wait == SentinelLink.PollPeriod) == 4,
                "a pause");
            pauses.Add((_subject.Observed.Of<SentinelLost>().Count, length));
            if (length > TimeSpan.Zero)
                _subject.Clock.Advance(length);
        }

        return pauses;
    }
}
