using System.Text;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

/// <summary>A node that refuses commands for a moment, at the very command that a test names: no real one can be made to.</summary>
public sealed class ClusterRefusalsTests : IAsyncDisposable
{
    private const string Refusal = "-CLUSTERDOWN The cluster is down\r\n";

    private readonly Dictionary<string, int> _refusals = [];
    private readonly ScriptedNode _node = ScriptedNode.Start();
    private readonly ScriptedNode _importing = ScriptedNode.Start();
    private bool _isConnected;
    private NodeStream? _stream;

    public ClusterRefusalsTests()
    {
        _node.Override = command => command switch
        {
            ["ECHO", "asked"] => $"-ASK 5 {_importing!.Endpoint}\r\n",
            ["ECHO", var text] when _refusals.TryGetValue(text, out var left) && left != 0 => Refuse(text, left),
            _ => null,
        };
        _importing.Override = command => command[0] == "ASKING" ? Resp.Ok : null;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
            await _stream.DisposeAsync();
        await _node.DisposeAsync();
        await _importing.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task RefusedForAMoment_IsAskedAgain_InOrder(int times)
    {
        (_refusals["b"], _refusals["c"]) = (times, times);

        Assert.Equal("$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n", await SendAsync("a", "b", "c"));
        Assert.Equal(times + 1, _node.Peer.Count("ECHO", "b"));
        Assert.Equal(1, _node.Peer.Count("ECHO", "a"));

        // And the stream goes on as before.
        Assert.Equal("$1\r\nd\r\n", await SendAsync("d"));
    }

    // To write the first again after the second has been executed would change their order.
    [Fact]
    public async Task ALaterCommandWasExecuted_IsNotAskedAgain()
    {
        _refusals["a"] = 1;

        Assert.Equal($"{Refusal}$1\r\nb\r\n", await SendAsync("a", "b"));
        Assert.Equal(1, _node.Peer.Count("ECHO", "a"));
    }

    [Fact]
    public async Task RefusedForLong_IsPassedOn_AndThenAtOnce_UntilTheNodeServesAgain()
    {
        _refusals["a"] = -1;
        Assert.Equal(Refusal, await SendAsync("a"));
        var asked = _node.Peer.Count("ECHO", "a");
        Assert.True(asked > 1);
        Assert.Equal(Refusal, await SendAsync("a"));
        Assert.Equal(asked + 1, _node.Peer.Count("ECHO", "a"));

        _refusals["a"] = 0;
        Assert.Equal("$1\r\na\r\n", await SendAsync("a"));
        _refusals["a"] = 1;
        Assert.Equal("$1\r\na\r\n", await SendAsync("a"));
    }

    [Fact]
    public async Task AValueThatLooksLikeARefusal_IsAValue()
    {
        const string Value = "-CLUSTERDOWN";
        Assert.Equal($"$12\r\n{Value}\r\n", await SendAsync(Value));
        Assert.Equal(1, _node.Peer.Count("ECHO", Value));
    }

    [Fact]
    public async Task RedirectedToANodeThatIsNotConnected_IsAskedThere_InItsPlace()
    {
        Assert.Equal("$1\r\na\r\n$5\r\nasked\r\n$1\r\nb\r\n$5\r\nasked\r\n", await SendAsync("a", "asked", "b", "asked"));

        Assert.Equal((1, 2, 2), (_node.Peer.Count("ECHO", "a"), _importing.Peer.Count("ECHO"), _importing.Peer.Count("ASKING")));
        Assert.Equal("$1\r\nc\r\n", await SendAsync("c"));
    }

    [Fact]
    public async Task RedirectedToAConnectedNode_IsForStackExchangeRedis()
    {
        _isConnected = true;

        Assert.Equal($"-ASK 5 {_importing.Endpoint}\r\n", await SendAsync("asked"));
        Assert.Equal(0, _importing.Peer.Count("ECHO"));
    }

    // It would be executed without the others.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RedirectedInATransaction_IsNotAskedThere(bool hasBegunBefore)
    {
        var (multi, exec) = ("*1\r\n$5\r\nMULTI\r\n", "*1\r\n$4\r\nEXEC\r\n");
        _node.Override = command => command switch
        {
            ["MULTI"] => Resp.Ok,
            ["ECHO", _] => $"-ASK 5 {_importing.Endpoint}\r\n",
            ["EXEC"] => Resp.Error("EXECABORT"),
            _ => null,
        };

        var before = hasBegunBefore ? await SendBytesAsync(multi, 1) : "";
        var after = await SendBytesAsync($"{(hasBegunBefore ? "" : multi)}{Echo("a")}{exec}", hasBegunBefore ? 2 : 3);

        Assert.Equal($"+OK\r\n-ASK 5 {_importing.Endpoint}\r\n-EXECABORT\r\n", before + after);
        Assert.Equal(0, _importing.Peer.Count("ECHO"));
    }

    [Fact]
    public async Task RedirectedToANodeThatIsNotReached_IsPassedOn()
    {
        const string Redirection = "-ASK 5 127.0.0.1:1\r\n";
        _node.Override = command => command is ["ECHO", "asked"] ? Redirection : null;

        Assert.Equal($"{Redirection}$1\r\nb\r\n", await SendAsync("asked", "b"));
    }

    [Fact]
    public async Task NodeClosesWhileItIsAskedAgain_TheStreamEnds()
    {
        var asked = 0;
        _node.Override = command => command[0] != "ECHO" ? null : Interlocked.Increment(ref asked) == 1 ? Refusal : ScriptedPeer.Close;
        await OpenAsync();
        await _stream!.WriteAsync(Encoding.ASCII.GetBytes(Echo("a")), Token);

        Assert.Equal(0, await _stream.ReadAsync(new byte[64], Token));
    }

    // It may have been executed there: as a redirection, it would be repeated.
    [Fact]
    public async Task NodeEndsTheConnectionInsteadOfAReply_TheStreamEnds()
    {
        _importing.Override = command => command[0] switch { "ASKING" => Resp.Ok, "ECHO" => ScriptedPeer.Close, _ => null };
        await OpenAsync();
        await _stream!.WriteAsync(Encoding.ASCII.GetBytes(Echo("asked")), Token);

        Assert.Equal(0, await _stream.ReadAsync(new byte[16], Token));
    }

    private static string Echo(string text) => $"*2\r\n$4\r\nECHO\r\n${text.Length}\r\n{text}\r\n";

    private string Refuse(string text, int left)
    {
        _refusals[text] = left - 1;
        return Refusal;
    }

    private async Task OpenAsync()
    {
        if (_stream is not null)
            return;
        var target = new ConvoyRedisOptions { Host = "127.0.0.1" }.Resolve();
        var dialer = new NodeDialer(NodeAccess.ToData(target, tls: null));
        var redirect = new AskRedirect(_ => _isConnected, (node, stop) => dialer.DialAsync(node, stop), TimeProvider.System);
        _stream = new NodeStream(await dialer.DialAsync(_node.Endpoint, Token), new LoadedScripts(), ownReplies: 0, redirect: redirect);
    }

    private Task<string> SendAsync(params string[] texts) => SendBytesAsync(string.Concat(texts.Select(Echo)), texts.Length);

    // Writes all at once, and reads until as many replies have come.
    private async Task<string> SendBytesAsync(string commands, int replies)
    {
        await OpenAsync();
        await _stream!.WriteAsync(Encoding.ASCII.GetBytes(commands), Token);
        var (scanner, received, buffer) = (new ReplyScanner(), new StringBuilder(), new byte[16]);
        while (scanner.Completed < replies)
        {
            var read = await _stream.ReadAsync(buffer, Token);
            Assert.NotEqual(0, read);
            scanner.Advance(buffer.AsSpan(0, read), replies);
            received.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return received.ToString();
    }
}
