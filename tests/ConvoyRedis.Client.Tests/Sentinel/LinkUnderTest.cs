using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Sentinel;

/// <summary>A scripted sentinel for one link, and a clock that stands still.</summary>
internal sealed class LinkUnderTest : IAsyncDisposable
{
    /// <summary>How long a subscription may bring nothing: its pings are answered each second.</summary>
    public static readonly TimeSpan LongestSilence = SentinelLink.PollPeriod + SentinelLink.AnswerTimeout;

    public LinkUnderTest(bool speaksResp3 = false)
    {
        Observed = new Observations(Clock.Pulse);
        Sentinel = ScriptedSentinel.Start(new("10.0.0.1", 6379), speaksResp3: speaksResp3);
    }

    public WatchedClock Clock { get; } = new();

    public FakeLogger Logger { get; } = new();

    /// <summary>What the link has observed.</summary>
    public Observations Observed { get; }

    public ScriptedSentinel Sentinel { get; }

    public SentinelLink Start() => new(
        Sentinel.Endpoint, ScriptedSentinel.MasterName,
        new NodeDialer(NodeAccess.ToSentinels(new ConvoyRedisOptions().Resolve(), tls: null, time: Clock)),
        new LonelyOwner(Observed.Add), ConnectionContexts.Create(Clock, Logger));

    /// <summary>From now on the sentinel answers a question with this, and all others truthfully.</summary>
    public void Answer(string question, string answer)
    {
        var words = question.Split(' ');
        Sentinel.Override = command => command.Take(words.Length).SequenceEqual(words) ? answer : null;
    }

    /// <summary>Waits until the link has its answers, and one to its ping: it waits for the next second.</summary>
    public async Task AtRestAsync()
    {
        await Clock.WaitedForAsync(SentinelLink.PollPeriod, times: 2);
        await Clock.WaitedForAsync(LongestSilence);
    }

    public ValueTask DisposeAsync() => Sentinel.DisposeAsync();
}
