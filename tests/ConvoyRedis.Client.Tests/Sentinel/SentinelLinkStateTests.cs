using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Sentinel;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Sentinel;

public sealed class SentinelLinkStateTests
{
    private static readonly ConvoyRedisConnectionException Unreachable = new(ConvoyRedisFault.Unreachable, "It is away.");
    private static readonly MonitoredMaster Up = new(1, null, "master", 2, null, null, null);
    private static readonly MonitoredMaster DownHere = Up with { Flags = "master,s_down", Replicas = null };

    private readonly FakeLogger _logger = new();
    private readonly List<FailoverObservation> _observed = [];
    private readonly SentinelLinkState _state;
    private int _changes;

    public SentinelLinkStateTests() =>
        _state = new SentinelLinkState(SentinelReplies.Sentinel, _observed.Add, () => _changes++, ConnectionContexts.Create(TimeProvider.System, _logger));

    private List<string> Logged => [.. _logger.Collector.GetSnapshot().Select(record => record.Message)];

    [Fact]
    public void Report_Answers_LogsTheFirst()
    {
        _state.Report(null);
        _state.Report(null);

        Assert.True(_state.HasAnswered);
        Assert.Equal(["Connected to sentinel 10.0.0.9:26379"], Logged);
        Assert.Equal(2, _changes);
        Assert.Empty(_observed);
    }

    [Fact]
    public void Report_FaultAfterAnAnswer_TakesItsVoteOnce()
    {
        _state.Report(null);
        _state.Report(Unreachable);
        _state.Report(Unreachable);

        Assert.Equal([new SentinelLost(SentinelReplies.Sentinel)], _observed);
        Assert.Equal(Unreachable, _state.Fault);
        Assert.False(_state.HasAnswered);
        Assert.Equal(3, _changes);
    }

    [Fact]
    public void Report_Faults_LogsEachMessageOnce()
    {
        _state.Report(Unreachable);
        _state.Report(Unreachable);
        _state.Report(new(ConvoyRedisFault.Unreachable, "It is still away."));

        Assert.Equal(
            [$"Lost sentinel 10.0.0.9:26379: It is away. {Remedies.Sentinel}", $"Lost sentinel 10.0.0.9:26379: It is still away. {Remedies.Sentinel}"], Logged);
        Assert.Empty(_observed);
    }

    [Theory]
    [InlineData(ConvoyRedisFault.NoMaster)]
    [InlineData(ConvoyRedisFault.Authentication)]
    public void Report_FaultThatSaysWhatToDo_AddsNoRemedy(ConvoyRedisFault fault)
    {
        _state.Report(new(fault, "Do this."));

        Assert.Equal(["Lost sentinel 10.0.0.9:26379: Do this. "], Logged);
    }

    [Fact]
    public void ReportQuorum_DownForThisSentinelAlone_IsAFaultAfterSixPolls()
    {
        _state.Report(null);
        for (var poll = 1; poll <= 6; poll++)
        {
            Assert.Null(_state.Shown.QuorumFault);
            _state.Note(DownHere);
            _state.ReportQuorum(null);
        }

        var fault = $"Sentinel 10.0.0.9:26379 {MonitoredMaster.DownForOneOnly}.";
        Assert.Equal(fault, _state.Shown.QuorumFault);
        _state.Note(Up);
        _state.ReportQuorum(null);
        Assert.Equal(
            [$"Sentinels cannot fail over: {fault} {Remedies.Quorum}", "Sentinel 10.0.0.9:26379 reports that a failover is possible again"], Logged.Skip(1));
    }

    [Fact]
    public void ReportQuorum_Lost_IsLoggedOnce_AndShownWhileTheSentinelAnswers()
    {
        _state.ReportQuorum("NOQUORUM");
        _state.ReportQuorum("NOQUORUM");

        Assert.Equal([$"Sentinels cannot fail over: NOQUORUM {Remedies.Quorum}"], Logged);
        Assert.Null(_state.Shown.QuorumFault);
        _state.Report(null);
        Assert.Equal("NOQUORUM", _state.Shown.QuorumFault);
    }

    [Fact]
    public void ReportQuorum_NothingLost_LogsNothing()
    {
        _state.ReportQuorum(null);

        Assert.Empty(Logged);
    }

    [Fact]
    public void Note_WithoutReplicas_KeepsTheLastCount()
    {
        Assert.Null(_state.Shown.Replicas);
        _state.Note(Up);
        _state.Note(DownHere);
        Assert.Equal(2, _state.Shown.Replicas);

        _state.Note(Up with { Replicas = 1 });
        Assert.Equal(1, _state.Shown.Replicas);
    }
}
