using System.Net;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Sentinel;

/// <summary>Which sentinels are linked beside those that are configured, and for how long.</summary>
public sealed class SentinelLinksTests
{
    /// <summary>A port that nobody listens on: whatever is dialled there refuses at once.</summary>
    private const int NoPort = 1;

    private static readonly ConvoyRedisEndpoint Master = new("10.0.0.1", 6379);

    /// <summary>When a discovered sentinel is dialled at the latest.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(250);

    private readonly WatchedClock _clock = new();
    private readonly FakeLogger _logger = new();
    private readonly Observations _observed;

    public SentinelLinksTests() => _observed = new Observations(_clock.Pulse);

    [Fact]
    public async Task Links_SentinelNamesAnother_LinksToItWithinAQuarterOfASecond()
    {
        await using var configured = ScriptedSentinel.Start(Master);
        await using var other = ScriptedSentinel.Start(Master);
        configured.Others = [(other.Id, other.Endpoint)];
        await using var links = Start(configured.Endpoint);

        await _clock.PassUntilAsync(LongestDelay, () => HasAnswered(other));

        Assert.Equal(1, _logger.Count(EventIds.SentinelDiscovered));
    }

    [Fact]
    public async Task Links_SentinelNamesFarTooMany_LinksTo32AndSaysSoOnce()
    {
        await using var configured = ScriptedSentinel.Start(Master);
        configured.Others = [.. Enumerable.Range(1, 200).Select(number => ($"{number:D40}", new ConvoyRedisEndpoint($"127.0.1.{number}", NoPort)))];
        await using var links = Start(configured.Endpoint);

        await PassAsync(seconds: 3, links: 1);

        Assert.Equal(1 + SentinelLinks.MostDiscovered, links.States.Count);
        Assert.Equal(SentinelLinks.MostDiscovered, _logger.Count(EventIds.SentinelDiscovered));
        var warning = Assert.Single(_logger.Collector.GetSnapshot(), line => line.Id.Id == EventIds.TooManySentinels);
        Assert.StartsWith("Sentinels named more than 32 other sentinels;", warning.Message, StringComparison.Ordinal);
        await _clock.PassUntilAsync(LongestDelay, () => links.States.Count(IsRefused) == SentinelLinks.MostDiscovered);
    }

    [Fact]
    public async Task Links_ConfiguredSentinelIsNamedByAnotherAddress_IsLinkedOnce()
    {
        await using var first = ScriptedSentinel.Start(Master);
        await using var second = ScriptedSentinel.Start(Master, address: IPAddress.Any);
        Names(first, (second.Id, At("127.0.0.2", second)));
        await using var links = Start(first.Endpoint, At("127.0.0.1", second));

        await PassAsync(seconds: 3, links: 2);

        Assert.Equal(2, links.States.Count);
        Assert.Equal(0, _logger.Count(EventIds.SentinelDiscovered));
    }

    [Fact]
    public async Task Links_ConfiguredSentinelHasNotAnsweredYet_DiscoversNone()
    {
        await using var first = ScriptedSentinel.Start(Master);
        await using var second = ScriptedSentinel.Start(Master, address: IPAddress.Any);
        second.Override = command => command[0] == "SUBSCRIBE" ? ScriptedPeer.Silence : null;
        Names(first, (second.Id, At("127.0.0.2", second)));
        await using var links = Start(first.Endpoint, At("127.0.0.1", second));

        await AtRestAsync(links: 1);

        Assert.Equal(0, _logger.Count(EventIds.SentinelDiscovered));
    }

    [Fact]
    public async Task Links_TwoDiscoveredTurnOutToBeOne_KeepsOne()
    {
        await using var configured = ScriptedSentinel.Start(Master);
        await using var twin = ScriptedSentinel.Start(Master, address: IPAddress.Any);
        var (one, other) = (At("127.0.0.2", twin), At("127.0.0.3", twin));
        Names(configured, (twin.Id, one), (twin.Id, other));
        await using var links = Start(configured.Endpoint);
        await AtRestAsync(links: 1);
        Assert.Equal(3, links.States.Count);

        // The last word of the one that answers second is that it is lost, or it would count among the sentinels that answer.
        await _clock.PassUntilAsync(LongestDelay, () => IsLost(one) || IsLost(other));
        await twin.Peer.ConnectedAsync(2);
        Assert.Equal(2, links.States.Count);
        Assert.NotEqual(IsLost(one), IsLost(other));
    }

    [Fact]
    public async Task Links_DiscoveredSentinelIsNoLongerNamed_StaysWhileItAnswers()
    {
        await using var configured = ScriptedSentinel.Start(Master);
        await using var other = ScriptedSentinel.Start(Master);
        Names(configured, (other.Id, other.Endpoint));
        await using var links = Start(configured.Endpoint);
        await _clock.PassUntilAsync(LongestDelay, () => HasAnswered(other));
        await AtRestAsync(links: 1);

        Names(configured);
        _clock.Advance(SentinelLink.PollPeriod);
        await PassAsync(seconds: 3, links: 2);
        await AtRestAsync(links: 2);
        Assert.Equal(2, links.States.Count);
        other.Override = _ => ScriptedPeer.Close;
        other.Peer.DropConnections();
        await _observed.SeenAsync<SentinelLost>(lost => lost.Sentinel == other.Endpoint);
        _clock.Advance(SentinelLink.PollPeriod);
        await AtRestAsync(links: 1);

        Assert.Single(links.States);
    }

    [Fact]
    public async Task Links_ConfiguredSentinelIsGoneAndNamedByNobody_IsNotForgotten()
    {
        await using var configured = ScriptedSentinel.Start(Master);
        await using var links = Start(configured.Endpoint, new("127.0.0.1", NoPort));

        await PassAsync(seconds: 3, links: 1);

        Assert.Equal(2, links.States.Count);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Links_DiscoveredSentinel_VotesWhileMostConfiguredOnesNameIt(int naming, bool hasVote)
    {
        await using var first = ScriptedSentinel.Start(Master);
        await using var second = ScriptedSentinel.Start(Master);
        await using var third = ScriptedSentinel.Start(Master);
        await using var stray = ScriptedSentinel.Start(Master);
        ScriptedSentinel[] configured = [first, second, third];
        foreach (var sentinel in configured.Take(naming))
            Names(sentinel, (stray.Id, stray.Endpoint));

        await using var links = Start([.. configured.Select(sentinel => sentinel.Endpoint)]);
        await _clock.PassUntilAsync(LongestDelay, () => HasAnswered(stray));
        await AtRestAsync(links: 1);
        _clock.Advance(SentinelLink.PollPeriod);
        await AtRestAsync(links: 4);

        var answers = _observed.Of<SentinelAnswered>();
        Assert.Equal(hasVote, answers.Last(answer => answer.Sentinel == stray.Endpoint).HasVote);
        Assert.All(answers.Where(answer => answer.Sentinel != stray.Endpoint), answer => Assert.True(answer.HasVote));
    }

    private static ConvoyRedisEndpoint At(string host, ScriptedSentinel sentinel) => new(host, sentinel.Endpoint.Port);

    private static void Names(ScriptedSentinel sentinel, params (string Id, ConvoyRedisEndpoint Endpoint)[] peers) =>
        sentinel.Override = command => command is ["SENTINEL", "SENTINELS", _] ? ScriptedSentinel.Peers(peers) : null;

    private bool HasAnswered(ScriptedSentinel sentinel) => _observed.Of<SentinelAnswered>().Any(answer => answer.Sentinel == sentinel.Endpoint);

    private static bool IsRefused(SentinelState sentinel) => sentinel.Fault?.Contains("refused", StringComparison.Ordinal) == true;

    private bool IsLost(ConvoyRedisEndpoint sentinel) => _observed.Of<SentinelLost>().Any(lost => lost.Sentinel == sentinel);

    private SentinelLinks Start(params ConvoyRedisEndpoint[] configured)
    {
        var target = new ConvoyRedisOptions
        {
            Scheme = "redis-sentinel",
            Host = string.Join(',', configured),
            MasterName = ScriptedSentinel.MasterName,
        }.Resolve();
        return new SentinelLinks(
            target, new NodeDialer(NodeAccess.ToSentinels(target, tls: null, time: _clock)), _observed.Add, () => { },
            ConnectionContexts.Create(_clock, _logger));
    }

    // So many links have their answers, and those to their pings: they wait for the next second.
    private async Task AtRestAsync(int links)
    {
        await _clock.WaitedForAsync(SentinelLink.PollPeriod, times: 2 * links);
        await _clock.WaitedForAsync(SentinelLink.PollPeriod + SentinelLink.AnswerTimeout, times: links);
    }

    private async Task PassAsync(int seconds, int links)
    {
        for (var second = 0; second < seconds; second++)
        {
            await AtRestAsync(links);
            _clock.Advance(SentinelLink.PollPeriod);
        }
    }
}
