using System.Diagnostics.Metrics;
using System.Text;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Tests.Tunnel.Handover;
using ConvoyRedis.Client.Tunnel.Handover;
using FsCheck.Fluent;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace ConvoyRedis.Client.Tests.Diagnostics;

/// <summary>Which command each reply is counted under, as <see cref="CommandScanner"/> tells of commands.</summary>
public sealed class CommandDurationsTests
{
    private static readonly ConvoyRedisEndpoint Node = new("10.0.0.1", 6379);

    private readonly Instruments _instruments = new(null);
    private readonly CommandDurations _durations;
    private readonly CommandScanner _scanner;

    public CommandDurationsTests()
    {
        _durations = new CommandDurations(new Telemetry(_instruments, new ConvoyRedisOptions().Resolve()));
        _scanner = new CommandScanner(new SessionState(new LoadedScripts())) { Durations = _durations };
    }

    [Fact]
    public void Answered_AnyCommandsInAnyPieces_IsReportedUnderItsName() =>
        Prop.ForAll(Gen.ListOf(Gen.Elements("GET", "ZREVRANGEBYSCORE", "client", "X", "hello").Zip(Gen.Elements("", "k", "*1\r\n"))).Zip(Pipelines.Lengths).ToArbitrary(), pipeline =>
        {
            var (commands, lengths) = pipeline;
            var durations = new CommandDurations(new Telemetry(_instruments, new ConvoyRedisOptions().Resolve()));
            var scanner = new CommandScanner(new SessionState(new LoadedScripts())) { Durations = durations };
            using var reported = Listen();
            foreach (var piece in Pipelines.Cut(Pipelines.Join(commands.Select(command => Pipelines.Encode(command.Item1, command.Item2))), lengths))
                scanner.Advance(piece, stopAtRest: false);
            for (var replies = 1; replies <= commands.Count; replies++)
            {
                durations.Answered(replies, Node);
                Assert.Equal(replies, reported.GetMeasurementSnapshot().Count);
            }

            Assert.Equal(commands.Select(command => command.Item1.ToUpperInvariant()), Names(reported));
        }).Holds();

    [Fact]
    public void Answered_Reply_HasDatabaseAndNodeAndTheTimeSinceItWasWritten()
    {
        using var reported = Listen();
        Write("SELECT", "3");
        Write("GET", "key");

        _durations.Answered(2, Node);

        var get = reported.GetMeasurementSnapshot()[^1];
        Assert.Equal(3, get.Tags["db.namespace"]);
        Assert.Equal("10.0.0.1", get.Tags["server.address"]);
        Assert.Equal(6379, get.Tags["server.port"]);
        Assert.False(get.Tags.ContainsKey("error.type"));
        Assert.InRange(get.Value, 0, 60);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Answered_EndpointForReplicas_IsNamed(bool areReplicas)
    {
        using var reported = Listen();
        var durations = new CommandDurations(new Telemetry(_instruments, new ConvoyRedisOptions().Resolve()), areReplicas);
        _scanner.Durations = durations;
        Write("GET", "key");

        durations.Answered(1, Node);

        Assert.Equal(areReplicas ? "replica" : null, reported.GetMeasurementSnapshot().Single().Tags.GetValueOrDefault("convoy.redis.endpoint"));
    }

    [Fact]
    public void Answered_ListensSinceTheSecondCommand_CountsTheSecondReply()
    {
        using var reported = Listen();
        _scanner.Durations = null;
        Write("SET", "key", "value");
        _scanner.Durations = _durations;
        Write("GET", "key");

        _durations.Answered(1, Node);
        Assert.Empty(Names(reported));
        _durations.Answered(2, Node);
        Assert.Equal(["GET"], Names(reported));
    }

    [Fact]
    public void Lost_UnansweredCommands_AreReportedAsLostOnce()
    {
        using var reported = Listen();
        Write("GET", "one");
        Write("GET", "two");
        _durations.Answered(1, Node);

        _durations.Lost(Node);
        _durations.Lost(Node);

        Assert.Equal([null, "connection_lost"], reported.GetMeasurementSnapshot().Select(duration => duration.Tags.GetValueOrDefault("error.type")));
    }

    [Fact]
    public void Answered_ListenerThrows_GoesOn()
    {
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("It is the listener's fault."));
        listener.EnableMeasurementEvents(_instruments.CommandDuration!);
        listener.Start();
        Write("GET", "key");

        _durations.Answered(1, Node);
    }

    [Theory]
    [InlineData(CommandDurations.LongestName, false)]
    [InlineData(CommandDurations.LongestName + 1, true)]
    public void Answered_LongName_IsReportedUpToABound(int length, bool isOther)
    {
        using var reported = Listen();
        var name = new string('A', length);
        Write(name);

        _durations.Answered(1, Node);

        Assert.Equal([isOther ? "_OTHER" : name], Names(reported));
    }

    [Fact]
    public void AreWanted_FollowsTheListeners()
    {
        Assert.False(_durations.AreWanted);
        using (Listen())
            Assert.True(_durations.AreWanted);
        Assert.False(_durations.AreWanted);
    }

    private static IEnumerable<object?> Names(MetricCollector<double> reported) =>
        reported.GetMeasurementSnapshot().Select(duration => duration.Tags["db.operation.name"]);

    private MetricCollector<double> Listen() => new(_instruments.CommandDuration!);

    private void Write(params string[] command)
    {
        _durations.BeginWriting();
        _scanner.Advance(Pipelines.Encode(command.Select(Encoding.ASCII.GetBytes)), stopAtRest: false);
    }
}
