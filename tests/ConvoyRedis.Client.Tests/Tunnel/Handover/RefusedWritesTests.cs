using System.Text;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tunnel.Handover;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

/// <summary>What becomes of writes that a master refuses because it has become a replica, until the stream continues on the next one, or ends.</summary>
public sealed class RefusedWritesTests : IAsyncDisposable
{
    private const string Refusal = "-READONLY You can't write against a read only replica.\r\n";

    private readonly ScriptedNode _old = ScriptedNode.Start();
    private readonly ScriptedNode _next = ScriptedNode.Start();
    private readonly StringBuilder _passedOn = new();
    private readonly TaskCompletionSource _hasEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Pulse _pulse = new();
    private NodeStream? _stream;
    private int _suspicions;

    public RefusedWritesTests() => _old.Override = command => command[0] == "SET" ? Refusal : null;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static NodeDialer Dialer => new(NodeAccess.ToData(new ConvoyRedisOptions { Host = "127.0.0.1" }.Resolve(), tls: null));

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
        if (_stream is not null)
            await _stream.DisposeAsync();
        await _old.DisposeAsync();
        await _next.DisposeAsync();
    }

    [Fact]
    public async Task Refused_StreamContinuesOnTheNextMaster_ThatOneAnswers()
    {
        _next.Override = command => command[0] == "SET" ? Resp.Number(int.Parse(command[2])) : null;
        await OpenAsync();

        await WriteAsync(Ping(), Set(1), Set(2));
        await RefusedAsync();
        Assert.Equal(Resp.Pong, PassedOn);
        await HandOverAsync(_next.Endpoint);

        await PassedOnAsync(Resp.Pong + Resp.Number(1) + Resp.Number(2));
        Assert.Equal(1, _suspicions);
        await WriteAsync(Set(3));
        await PassedOnAsync(Resp.Pong + Resp.Number(1) + Resp.Number(2) + Resp.Number(3));
        Assert.Equal([["1"], ["2"], ["3"]], _next.Peer.Commands.Where(command => command[0] == "SET").Select(command => command.Skip(2)));
    }

    // What is read after a write of the same caller sees it.
    [Fact]
    public async Task Refused_ReadFollows_IsAnsweredByTheNextMasterToo()
    {
        _old.Override = command => command[0] switch { "SET" => Refusal, "GET" => Resp.Bulk("old"), _ => null };
        _next.Override = command => command[0] == "GET" ? Resp.Bulk("new") : null;
        await OpenAsync();

        await WriteAsync("*2\r\n$3\r\nGET\r\n$1\r\na\r\n", Set(1), "*2\r\n$3\r\nGET\r\n$1\r\na\r\n");
        await RefusedAsync();
        await HandOverAsync(_next.Endpoint);

        await PassedOnAsync(Resp.Bulk("old") + Resp.Ok + Resp.Bulk("new"));
    }

    // Part of it was answered before, and its WATCH is of the other connection.
    [Fact]
    public async Task Refused_InATransaction_IsPassedOn()
    {
        const string Discarded = "-EXECABORT Transaction discarded because of previous errors.\r\n";
        _old.Override = command => command[0] switch { "SET" => Refusal, "EXEC" => Discarded, _ => null };
        await OpenAsync();

        await WriteAsync("*1\r\n$5\r\nMULTI\r\n", Set(1), "*1\r\n$4\r\nEXEC\r\n", Ping());
        await RefusedAsync();
        await HandOverAsync(_next.Endpoint);

        await PassedOnAsync(Resp.Ok + Refusal + Discarded + Resp.Pong);
        Assert.Equal(0, _next.Peer.Count("SET"));
    }

    [Fact]
    public async Task Refused_StreamIsReleasedToItsNode_IsPassedOn()
    {
        await OpenAsync();
        await WriteAsync(Set(1));
        await RefusedAsync();

        using (var handover = Handover())
            await handover.ReleaseAsync();

        await PassedOnAsync(Refusal);
    }

    [Fact]
    public async Task Refused_NextMasterIsNotReached_IsPassedOnAndTheStreamEnds()
    {
        await OpenAsync();
        await WriteAsync(Set(1));
        await RefusedAsync();

        await HandOverAsync(new ConvoyRedisEndpoint("127.0.0.1", 1));

        await _hasEnded.Task.InTimeAsync();
        Assert.Equal(Refusal, PassedOn);
    }

    // It may have been executed: as a refusal, it would be repeated.
    [Fact]
    public async Task Refused_NextMasterEndsTheConnectionInsteadOfAReply_IsNotPassedOn()
    {
        _next.Override = command => command[0] == "SET" ? ScriptedPeer.Close : null;
        await OpenAsync();
        await WriteAsync(Set(1));
        await RefusedAsync();

        await HandOverAsync(_next.Endpoint);

        await _hasEnded.Task.InTimeAsync();
        Assert.Equal("", PassedOn);
    }

    // As Valkey 9's SENTINEL FAILOVER … COORDINATED: the stream is held when the promotion is ordered, and the master lets its writers wait meanwhile.
    [Fact]
    public async Task Held_MasterPausesItsWritersForLongerThanAHungOneMayBeSilent_NextMasterAnswers()
    {
        _old.Override = command => command[0] is "SET" or "ECHO" || command is ["PING", _] ? ScriptedPeer.Silence
            : command[0] == "INFO" ? Resp.Bulk("role:master\r\nmaster_failover_state:waiting-for-sync\r\n") : null;
        await OpenAsync();
        await WriteAsync(Set(1));

        using var handover = Handover();
        await _old.Peer.ReceivedAsync(1, "ECHO");
        await Task.Delay(2 * NodeSilence.Patience, Token);
        var marker = Resp.Bulk(_old.Peer.Commands.Single(command => command[0] == "ECHO")[1]);
        await _old.Peer.PushAsync(Refusal + marker + marker, after: "ECHO");
        await handover.CompleteAsync(_next.Endpoint);

        await PassedOnAsync(Resp.Ok);
        Assert.Equal(1, _next.Peer.Count("SET"));
    }

    // The beginnings of other errors, and what is not known yet.
    [Theory]
    [InlineData("-", "ERR no\r\n")]
    [InlineData("-READ", "ING is no error of Redis\r\n")]
    public async Task OtherError_InTwoPieces_IsPassedOn(string first, string second)
    {
        _old.Override = command => command[0] == "SET" ? ScriptedPeer.Silence : null;
        await OpenAsync();
        await WriteAsync(Set(1));
        await _old.Peer.ReceivedAsync(1, "SET");
        await _old.Peer.PushAsync(first, after: "SET");
        await Task.Delay(50, Token);
        await _old.Peer.PushAsync(second, after: "SET");

        await PassedOnAsync(first + second);
        Assert.False(_stream!.HasRefusedWrites);
        Assert.Equal(0, _suspicions);
    }

    [Fact]
    public async Task Refusal_InTwoPieces_IsKeptBack()
    {
        _old.Override = command => command[0] == "SET" ? ScriptedPeer.Silence : null;
        await OpenAsync();
        await WriteAsync(Set(1));
        await _old.Peer.ReceivedAsync(1, "SET");
        await _old.Peer.PushAsync(Refusal[..5], after: "SET");
        await Task.Delay(50, Token);
        await _old.Peer.PushAsync(Refusal[5..], after: "SET");

        await RefusedAsync();
        await HandOverAsync(_next.Endpoint);

        await PassedOnAsync(Resp.Ok);
    }

    private static string Set(int value) => $"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n{value}\r\n";

    private static string Ping() => "*1\r\n$4\r\nPING\r\n";

    private async Task OpenAsync()
    {
        _stream = new NodeStream(
            await Dialer.DialAsync(_old.Endpoint, Token), new LoadedScripts(), ownReplies: 0, writesRefused: () => Interlocked.Increment(ref _suspicions));
        _ = ReadAsync(_stream);
    }

    private async Task WriteAsync(params string[] commands)
    {
        await _stream!.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(commands)), Token);
        await _stream.FlushAsync(Token);
    }

    private Task RefusedAsync() => Eventually.TrueAsync(() => Volatile.Read(ref _suspicions) == 1, Token);

    private StreamHandover Handover() => new(
        _stream!, (node, stop) => Dialer.DialAsync(node, stop), TimeSpan.FromSeconds(10), ConnectionContexts.Create(TimeProvider.System, new FakeLogger()),
        again: stop => Dialer.DialAsync(_old.Endpoint, stop));

    private async Task HandOverAsync(ConvoyRedisEndpoint next)
    {
        using var handover = Handover();
        await handover.CompleteAsync(next);
    }

    private Task PassedOnAsync(string replies) => _pulse.UntilAsync(() => PassedOn == replies, () => PassedOn);

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
