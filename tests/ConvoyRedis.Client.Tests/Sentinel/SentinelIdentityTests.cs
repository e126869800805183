using System.Net;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Sentinel;

/// <summary>Who answers at an address, and who has a voice. S1, S2 and S3 are configured; another deployment's sentinel may answer in the place of S3.</summary>
public sealed class SentinelIdentityTests : IAsyncDisposable
{
    private static readonly ConvoyRedisEndpoint Ours = new("10.0.0.1", 6379);
    private static readonly ConvoyRedisEndpoint Theirs = new("10.0.9.1", 6379);

    /// <summary>So short that no answer that is on its way takes too long by it, even if only as much real time passes meanwhile.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly WatchedClock _clock = new();
    private readonly FakeLogger _logger = new();
    private readonly Observations _observed;
    private readonly ScriptedSentinel _first = ScriptedSentinel.Start(Ours, speaksResp3: true);
    private readonly ScriptedSentinel _second = ScriptedSentinel.Start(Ours, speaksResp3: true);
    private readonly ScriptedSentinel _third = ScriptedSentinel.Start(Theirs, epoch: 99, speaksResp3: true);

    public SentinelIdentityTests() => _observed = new Observations(_clock.Pulse);

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await _third.DisposeAsync();
    }

    [Fact]
    public async Task Link_OthersListAnotherIdThere_HasNoVoiceUntilTheyAgree()
    {
        Lists(_first, _second, "gone");
        Lists(_second, _first, "gone");
        _third.Override = _ => ScriptedPeer.Close;
        await using var links = Start();
        await PassUntilAsync(() => AnswersOf(_first) > 1 && AnswersOf(_second) > 1);

        // What answers there does not even get a subscription.
        _third.Override = _ => null;
        await PassUntilAsync(() => links.States.Any(state => state.Fault?.Contains("another sentinel answers", StringComparison.Ordinal) == true));
        Assert.Equal(0, AnswersOf(_third));
        Assert.Equal(0, _third.Peer.Count("SUBSCRIBE"));

        // It was set up again, and the others have learnt of it.
        Lists(_first, _second, _third.Id);
        Lists(_second, _first, _third.Id);
        await PassUntilAsync(() => AnswersOf(_third) > 0);
    }

    [Fact]
    public async Task Link_OthersListAnotherIdAfterItAnswered_IsDisownedAndItsCompanionsAreDropped()
    {
        await using var companion = ScriptedSentinel.Start(Theirs, epoch: 99, speaksResp3: true);
        _third.Others = [(companion.Id, companion.Endpoint)];
        _first.Override = _ => ScriptedPeer.Close;
        _second.Override = _ => ScriptedPeer.Close;
        await using var links = Start();
        await PassUntilAsync(() => AnswersOf(companion) > 0);

        Lists(_first, _second, "gone");
        await PassUntilAsync(() => _observed.Of<SentinelDisowned>().Any(disowned => disowned.Sentinel == _third.Endpoint));
        await PassUntilAsync(() => _observed.Of<SentinelLost>().Any(lost => lost.Sentinel == companion.Endpoint));
        Assert.Equal(3, links.States.Count);
    }

    // One that is wrong, or lacks news, must not silence the others.
    [Fact]
    public async Task Link_OneOfTwoOthersListsAnotherId_KeepsItsVoice()
    {
        Lists(_first, _second, "gone");
        Lists(_second, _first, _third.Id);
        _third.Override = _ => ScriptedPeer.Close;
        await using var links = Start();
        await PassUntilAsync(() => AnswersOf(_first) > 1 && AnswersOf(_second) > 1);

        _third.Override = _ => null;
        await PassUntilAsync(() => AnswersOf(_third) > 0);

        Assert.Empty(_observed.Of<SentinelDisowned>());
    }

    [Fact]
    public async Task Links_TwoNamesOfOneSentinel_OneHasAVoice()
    {
        await using var sentinel = ScriptedSentinel.Start(Ours, address: IPAddress.Any, speaksResp3: true);
        var (one, other) = (new ConvoyRedisEndpoint("127.0.0.2", sentinel.Endpoint.Port), new ConvoyRedisEndpoint("127.0.0.3", sentinel.Endpoint.Port));
        await using var links = Start(one, other);
        await sentinel.Peer.ConnectedAsync(2);
        await PassAsync(seconds: 2, links: 2);
        var answers = _observed.Of<SentinelAnswered>().Count;

        await PassAsync(seconds: 5, links: 2);

        Assert.Equal(answers + 5, _observed.Of<SentinelAnswered>().Count);
    }

    private int AnswersOf(ScriptedSentinel sentinel) => _observed.Of<SentinelAnswered>().Count(answer => answer.Sentinel == sentinel.Endpoint);

    private void Lists(ScriptedSentinel sentinel, ScriptedSentinel other, string third)
    {
        sentinel.Others = [(other.Id, other.Endpoint), (third, _third.Endpoint)];
        sentinel.Override = _ => null;
    }

    private Task PassUntilAsync(Func<bool> condition) => _clock.PassUntilAsync(Step, condition, stillness: 2 * Step);

    // Each link has its answer, and waits for the next second and for what is published.
    private async Task PassAsync(int seconds, int links)
    {
        for (var second = 0; second < seconds; second++)
        {
            await _clock.WaitedForAsync(SentinelLink.PollPeriod, times: links);
            await _clock.WaitedForAsync(SentinelLink.PollPeriod + SentinelLink.AnswerTimeout, times: links);
            _clock.Advance(SentinelLink.PollPeriod);
        }

        await _clock.WaitedForAsync(SentinelLink.PollPeriod, times: links);
    }

    private SentinelLinks Start() => Start(_first.Endpoint, _second.Endpoint, _third.Endpoint);

    private SentinelLinks Start(params ConvoyRedisEndpoint[] configured)
    {
        var target = new ConvoyRedisOptions { Scheme = "redis-sentinel", Host = string.Join(',', configured), MasterName = ScriptedSentinel.MasterName }.Resolve();
        return new SentinelLinks(
            target, new NodeDialer(NodeAccess.ToSentinels(target, tls: null, time: _clock)), _observed.Add, () => { }, ConnectionContexts.Create(_clock, _logger));
    }
}
