using System.Text;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tunnel.Handover;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

/// <summary>What becomes of the last replies of a master that answers late: the next master may lack what they acknowledge.</summary>
public sealed class StreamHandoverTests : IAsyncDisposable
{
    private const string History = "0123456789012345678901234567890123456789";

    private readonly WatchedClock _clock = new();
    private readonly ScriptedNode _old = ScriptedNode.Start();
    private readonly ScriptedNode _next = ScriptedNode.Start();
    private readonly StringBuilder _passedOn = new();
    private readonly TaskCompletionSource _hasEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Pulse _pulse = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string PassedOn
    {
        get
        {
            lock (_passedOn)
                return _passedOn.ToString();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _old.DisposeAsync();
        await _next.DisposeAsync();
    }

    [Fact]
    public async Task Complete_NextMasterHasEverything_PassesTheLastRepliesOnOnlyThen()
    {
        await using var stream = await OpenAsync(copied: 100);
        using var handover = await HoldAsync(stream, isAnswerDue: true);
        Assert.Equal("", PassedOn);

        Assert.Equal(0, await handover.CompleteAsync(_next.Endpoint));

        await _pulse.UntilAsync(() => PassedOn == Resp.Ok, () => PassedOn);
        Assert.False(stream.IsAborted);
    }

    [Fact]
    public async Task Complete_NextMasterLacksSomething_PassesTheLastRepliesNeverOn()
    {
        await using var stream = await OpenAsync(copied: 60);
        using var handover = await HoldAsync(stream, isAnswerDue: true);

        Assert.Equal(40, await handover.CompleteAsync(_next.Endpoint));

        await _hasEnded.Task.InTimeAsync();
        Assert.Equal("", PassedOn);
    }

    [Fact]
    public async Task Complete_NextMasterLacksSomethingAndNoReplyIsDue_GoesOnThere()
    {
        await using var stream = await OpenAsync(copied: 60);
        using var handover = await HoldAsync(stream, isAnswerDue: false);

        Assert.Equal(40, await handover.CompleteAsync(_next.Endpoint));

        await stream.WriteAsync("*1\r\n$4\r\nPING\r\n"u8.ToArray(), Token);
        await _pulse.UntilAsync(() => PassedOn == Resp.Pong, () => PassedOn);
    }

    [Fact]
    public async Task Release_PassesTheLastRepliesOn()
    {
        await using var stream = await OpenAsync(copied: 60);
        using var handover = await HoldAsync(stream, isAnswerDue: true);

        await handover.ReleaseAsync();

        await _pulse.UntilAsync(() => PassedOn == Resp.Ok, () => PassedOn);
    }

    // Nothing says that they are lost.
    [Fact]
    public async Task Complete_NextMasterIsNotReached_PassesTheLastRepliesOnAndEnds()
    {
        await using var stream = await OpenAsync(copied: 60);
        using var handover = await HoldAsync(stream, isAnswerDue: true);

        Assert.Null(await handover.CompleteAsync(new ConvoyRedisEndpoint("127.0.0.1", 1)));

        await _hasEnded.Task.InTimeAsync();
        Assert.Equal(Resp.Ok, PassedOn);
    }

    // The old master's history has 100 bytes.
    private async Task<NodeStream> OpenAsync(int copied)
    {
        _next.Override = command => command[0] == "INFO"
            ? Resp.Bulk($"master_replid:{new string('a', 40)}\r\nmaster_replid2:{History}\r\nmaster_repl_offset:{copied}\r\nsecond_repl_offset:{copied + 1}\r\n") : null;
        var stream = new NodeStream(await Dialer.DialAsync(_old.Endpoint, Token), new LoadedScripts(), ownReplies: 0, time: _clock);
        _ = ReadAsync(stream);
        return stream;
    }

    private NodeDialer Dialer => new(NodeAccess.ToData(new ConvoyRedisOptions { Host = "127.0.0.1" }.Resolve(), tls: null, time: _clock));

    // Held, and the old master has answered in the end.
    private async Task<StreamHandover> HoldAsync(NodeStream stream, bool isAnswerDue)
    {
        _old.Override = command => command[0] is "SET" or "ECHO" || command is ["PING", _] ? ScriptedPeer.Silence
            : command[0] == "INFO" ? Resp.Bulk($"master_replid:{History}\r\nmaster_replid2:{new string('b', 40)}\r\nmaster_repl_offset:100\r\nsecond_repl_offset:-1\r\n") : null;
        if (isAnswerDue)
            await stream.WriteAsync("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n"u8.ToArray(), Token);
        var handover = new StreamHandover(
            stream, (node, stop) => Dialer.DialAsync(node, stop), TimeSpan.FromSeconds(2), ConnectionContexts.Create(_clock, new FakeLogger()));
        await _old.Peer.ReceivedAsync(1, "ECHO");
        var marker = Resp.Bulk(_old.Peer.Commands.Single(command => command[0] == "ECHO")[1]);
        await _old.Peer.PushAsync((isAnswerDue ? Resp.Ok : "") + marker + marker, after: "ECHO");
        await _old.Peer.ReceivedAsync(1, "INFO");
        return handover;
    }

    private async Task ReadAsync(NodeStream stream)
    {
        var buffer = new byte[1024];
        while (await stream.ReadAsync(buffer) is > 0 and var length)
        {
            lock (_passedOn)
                _passedOn.Append(Encoding.ASCII.GetString(buffer, 0, length));
            _pulse.Beat();
        }

        _hasEnded.SetResult();
    }
}
