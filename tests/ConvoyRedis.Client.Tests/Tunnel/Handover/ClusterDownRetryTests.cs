using System.Text;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

/// <summary>A node that refuses commands for a moment, at the very command that a test names: no real one can be made to.</summary>
public sealed class ClusterDownRetryTests : IAsyncDisposable
{
    private const string Refusal = "-CLUSTERDOWN The cluster is down\r\n";

    private readonly Dictionary<string, int> _refusals = [];
    private readonly ScriptedNode _node = ScriptedNode.Start();
    private NodeStream? _stream;

    public ClusterDownRetryTests() => _node.Override = command =>
        command[0] == "ECHO" && _refusals.TryGetValue(command[1], out var left) && left != 0 ? Refuse(command[1], left) : null;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
            await _stream.DisposeAsync();
        await _node.DisposeAsync();
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

    private string Refuse(string text, int left)
    {
        _refusals[text] = left - 1;
        return Refusal;
    }

    // Writes all at once, and reads until as many replies have come.
    private async Task<string> SendAsync(params string[] texts)
    {
        if (_stream is null)
        {
            var target = new ConvoyRedisOptions { Host = "127.0.0.1" }.Resolve();
            var transport = await new NodeDialer(NodeAccess.ToData(target, tls: null)).DialAsync(_node.Endpoint, Token);
            _stream = new NodeStream(transport, new LoadedScripts(), ownReplies: 0, isOfCluster: true);
        }

        await _stream.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(texts.Select(text => $"*2\r\n$4\r\nECHO\r\n${text.Length}\r\n{text}\r\n"))), Token);
        var (scanner, received, buffer) = (new ReplyScanner(), new StringBuilder(), new byte[16]);
        while (scanner.Completed < texts.Length)
        {
            var read = await _stream.ReadAsync(buffer, Token);
            Assert.NotEqual(0, read);
            scanner.Advance(buffer.AsSpan(0, read), texts.Length);
            received.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return received.ToString();
    }
}
