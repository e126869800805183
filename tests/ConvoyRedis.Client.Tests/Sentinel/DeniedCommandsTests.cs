using ConvoyRedis.Client.Sentinel;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace ConvoyRedis.Client.Tests.Sentinel;

public sealed class DeniedCommandsTests
{
    private const string Denial = "NOPERM this user has no permissions";

    private static readonly string[] Quorum = SentinelCommands.Quorum("mymaster");

    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger _logger = new();
    private readonly SentinelReplies _replies = new();
    private readonly DeniedCommands _denied;

    public DeniedCommandsTests() => _denied = new DeniedCommands(SentinelReplies.Sentinel, ConnectionContexts.Create(_time, _logger));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SENTINEL MASTER mymaster", "SENTINEL MASTER: its answers have no epoch, so that a new master is followed when most sentinels have named it for a second", "+sentinel|master")]
    [InlineData("SENTINEL CKQUORUM mymaster", "SENTINEL CKQUORUM: a lost quorum is not reported", "+sentinel|ckquorum")]
    [InlineData("SENTINEL SENTINELS mymaster", "SENTINEL SENTINELS: sentinels that are not configured are not found", "+sentinel|sentinels")]
    [InlineData("SENTINEL MYID", "SENTINEL MYID: sentinels that are not configured are not found", "+sentinel|myid")]
    [InlineData("INFO sentinel", "INFO sentinel: TILT is not recognized", "+info")]
    public void Note_Denied_LogsOnceWhatIsLostAndTheRuleToGrant(string command, string consequence, string rule)
    {
        _denied.Note(command.Split(' '), SentinelReplies.Error(Denial));
        _denied.Note(command.Split(' '), SentinelReplies.Error(Denial));

        var logged = Assert.Single(_logger.Collector.GetSnapshot());
        Assert.Contains(consequence + ". ", logged.Message, StringComparison.Ordinal);
        Assert.EndsWith($"Grant {rule} in its ACL", logged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Note_UnimportantCommandDenied_LogsNothing()
    {
        _denied.Note(["SENTINEL", "REPLICAS", "mymaster"], SentinelReplies.Error(Denial));

        Assert.Equal(0, _logger.Collector.Count);
        Assert.NotNull(_denied.Of(["SENTINEL", "REPLICAS", "mymaster"]));
    }

    [Fact]
    public void Note_MasterAddressDenied_IsAskedAgainAtOnce()
    {
        var command = SentinelCommands.MasterAddress("mymaster");

        _denied.Note(command, SentinelReplies.Error(Denial));

        Assert.Null(_denied.Of(command));
        Assert.Equal(0, _logger.Collector.Count);
    }

    [Fact]
    public async Task Asking_Denied_IsAskedAgainAfterThePauseAndNotBefore()
    {
        _replies["SENTINEL CKQUORUM"] = SentinelReplies.Error(Denial);
        var ask = _denied.Asking(_replies.ExecuteAsync);

        var first = await ask(Quorum, Token);
        _time.Advance(DeniedCommands.Pause - TimeSpan.FromTicks(1));
        Assert.Equal(first, await ask(Quorum, Token));
        Assert.Single(_replies.Asked);

        _time.Advance(TimeSpan.FromTicks(1));
        await ask(Quorum, Token);
        Assert.Equal(2, _replies.Asked.Count);
    }

    [Fact]
    public async Task Asking_AllowedLater_ForgetsTheDenial()
    {
        _denied.Note(Quorum, SentinelReplies.Error(Denial));
        _denied.Note(Quorum, SentinelReplies.Text("OK"));

        await _denied.Asking(_replies.ExecuteAsync)(Quorum, Token);

        Assert.Single(_replies.Asked);
    }

    [Fact]
    public async Task Asking_AnotherCommandDenied_AsksThisOne()
    {
        _denied.Note(SentinelCommands.Sentinels("mymaster"), SentinelReplies.Error(Denial));

        await _denied.Asking(_replies.ExecuteAsync)(Quorum, Token);

        Assert.Single(_replies.Asked);
    }

    [Fact]
    public void Note_AnotherError_IsNoDenial()
    {
        _denied.Note(Quorum, SentinelReplies.Error("NOQUORUM 1 usable Sentinels"));

        Assert.Null(_denied.Of(Quorum));
    }
}
