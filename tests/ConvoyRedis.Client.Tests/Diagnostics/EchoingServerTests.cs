using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Health;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tunnel;
using ConvoyRedis.Client.Tunnel.Handover;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Diagnostics;

/// <summary>Servers that repeat, in every error, everything that they were ever sent: no secret comes through in whatever the library says.</summary>
public sealed class EchoingServerTests : IDisposable
{
    private const string Password = "p4ssword-of-nodes";
    private const string SentinelPassword = "p4ssword-of-sentinels";
    private const string Script = "return 'scr1pt-of-the-user'";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    // A connect that is refused for as long is given up: long enough for a busy machine to have heard why.
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(3);

    private readonly FakeLogCollector _logs = new();
    private readonly ILoggerFactory _loggers;
    private readonly ConcurrentQueue<Activity> _spans = [];
    private readonly ActivityListener _listener;
    private readonly ConcurrentDictionary<string, string> _refusals = new();

    public EchoingServerTests()
    {
        _loggers = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(_logs)).SetMinimumLevel(LogLevel.Trace));
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ConvoyRedisTelemetry.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _listener.Dispose();
        _loggers.Dispose();
    }

    [Theory]
    [InlineData("AUTH", "ERR unknown command")]
    [InlineData("AUTH", "WRONGPASS")]
    [InlineData("AUTH", "ODD")]
    [InlineData("PING", "ODD")]
    [InlineData("PING", "LOADING")]
    [InlineData("ROLE", "LOADING")]
    public async Task Connect_Refused_ShowsNoSecret(string command, string error)
    {
        await using var peer = Start();
        _refusals[command] = error;

        var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConnectAsync(peer, RefusedFor));

        Assert.Contains(error, exception.Message, StringComparison.Ordinal);
        AssertNoSecret(exception.ToString());
        Assert.NotEmpty(_spans);
    }

    [Fact]
    public async Task Connect_RoleNotVisible_ShowsNoSecret()
    {
        await using var peer = Start();
        _refusals["ROLE"] = "NOPERM";

        await using var connection = await ConnectAsync(peer);

        Assert.Contains(_logs.GetSnapshot(), line => line.Message.Contains("NOPERM", StringComparison.Ordinal));
        AssertNoSecret();
    }

    [Theory]
    [InlineData("CLIENT", "ERR unknown command")]
    [InlineData("CONFIG", "NOAUTH")]
    [InlineData("INFO", "NOAUTH")]
    [InlineData("ECHO", "NOAUTH")]
    [InlineData("ECHO", "ERR unknown command")]
    public async Task Command_Refused_ShowsNoSecret(string command, string error)
    {
        await using var peer = Start();
        _refusals[command] = error;

        await using var connection = await ConnectAsync(peer);
        var check = new ConvoyRedisHealthCheck(connection, TimeProvider.System, null);
        var result = await check.CheckHealthAsync(
            new HealthCheckContext { Registration = new HealthCheckRegistration("redis", check, null, null) }, Token);

        Assert.True(peer.Count(command) > 0);
        AssertNoSecret([result.Description, .. result.Data.Values.Select(value => value is string[] list ? string.Join(' ', list) : $"{value}")]);
    }

    [Theory]
    [InlineData("AUTH", "ERR unknown command")]
    [InlineData("SENTINEL", "ERR unknown command")]
    [InlineData("SENTINEL", "NOPERM")]
    [InlineData("SENTINEL", "ODD")]
    [InlineData("SUBSCRIBE", "NOPERM")]
    [InlineData("SUBSCRIBE", "ODD")]
    public async Task Sentinel_RefusesOrKnowsNoMaster_ShowsNoSecret(string command, string error)
    {
        await using var peer = Start();
        _refusals[command] = error;
        var options = new ConvoyRedisOptions
        {
            Scheme = "redis-sentinel",
            Host = $"{peer.Endpoint}",
            MasterName = "mymaster",
            Password = Password,
            SentinelPassword = SentinelPassword,
            CommandTimeout = RefusedFor,
            HoldDeadline = TimeSpan.FromMilliseconds(400),
        };

        var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(
            () => ConvoyRedisConnection.ConnectAsync(options, _loggers, Token).WaitAsync(Bound, Token));

        AssertNoSecret(exception.ToString());
    }

    [Fact]
    public async Task Handover_NextMasterRefusesTheScript_ShowsNeitherScriptNorPassword()
    {
        await using var old = Start();
        await using var next = Start();
        var target = Options(old).Resolve();
        var context = new ConnectionContext(
            _loggers, _loggers.CreateLogger("test"), TimeProvider.System, new Telemetry(Instruments.Shared, target), _ => { });
        var dialer = new NodeDialer(NodeAccess.ToData(target, null));
        var scripts = new LoadedScripts();
        scripts.Add(Encoding.ASCII.GetBytes(Script));
        await using var stream = new NodeStream(await dialer.DialAsync(old.Endpoint, Token), scripts, ownReplies: 0);
        var reading = ReadToEndAsync(stream);
        _refusals["SCRIPT"] = "ERR compiling";
        using var handover = new StreamHandover(
            stream, new MasterDialer(dialer, replicaAccepted: false, context).DialAsync, Bound, context);

        await handover.CompleteAsync(next.Endpoint).WaitAsync(Bound, Token);

        Assert.True(next.Count("SCRIPT") > 0);
        stream.Abort();
        await reading.WaitAsync(Bound, Token);
        AssertNoSecret();
    }

    // Answers as a master does that has no data; what is refused is refused with all that was ever sent.
    private ScriptedPeer Start()
    {
        ScriptedPeer? peer = null;
        return peer = ScriptedPeer.Start(command => _refusals.TryGetValue(command[0], out var error)
            ? Resp.Error($"{error} '{command[0]}' {string.Join(' ', peer!.Commands.SelectMany(sent => sent).Distinct())}")
            : command[0] switch
            {
                "PING" => command.Count > 1 ? Resp.Bulk(command[1]) : Resp.Pong,
                "ROLE" => Resp.Array(Resp.Bulk("master"), Resp.Number(0), Resp.Array()),
                "ECHO" => Resp.Bulk(command[1]),
                "INFO" => Resp.Bulk("# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrole:master\r\n"),
                "HELLO" or "CLUSTER" => Resp.Error("ERR unknown command"),
                "CONFIG" => Resp.Array(),
                _ => Resp.Ok,
            });
    }

    private static ConvoyRedisOptions Options(ScriptedPeer peer) => new()
    {
        Host = peer.Endpoint.Host,
        Port = peer.Endpoint.Port,
        Password = Password,
        HoldDeadline = TimeSpan.FromMilliseconds(400),
    };

    private Task<ConvoyRedisConnection> ConnectAsync(ScriptedPeer peer, TimeSpan? patience = null)
    {
        var options = Options(peer);
        options.CommandTimeout = patience ?? options.CommandTimeout;
        return ConvoyRedisConnection.ConnectAsync(options, _loggers, Token).WaitAsync(Bound, Token);
    }

    private static async Task ReadToEndAsync(NodeStream stream)
    {
        var buffer = new byte[1024];
        while (await stream.ReadAsync(buffer, Token) > 0)
        {
        }
    }

    private void AssertNoSecret(params IEnumerable<string?> shown)
    {
        var logged = _logs.GetSnapshot().SelectMany(line =>
            (line.StructuredState ?? []).Select(state => state.Value).Append(line.Message).Append(line.Exception?.ToString()));
        var traced = _spans.SelectMany(span =>
            span.Events.Select(step => step.Name).Append(span.StatusDescription).Concat(span.TagObjects.Select(tag => $"{tag.Value}")));
        Assert.All(shown.Concat(logged).Concat(traced), text => Assert.All(
            (string[])[Password, SentinelPassword, Script],
            secret => Assert.DoesNotContain(secret, text ?? "", StringComparison.Ordinal)));
    }
}
