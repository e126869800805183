using System.Text;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

/// <summary>What StackExchange.Redis is told of the role of the node that serves as a replica.</summary>
public sealed class ReplicaVeilTests : IAsyncDisposable
{
    private const string Question = "*2\r\n$4\r\nINFO\r\n$11\r\nreplication\r\n";
    private const string Hello = "*2\r\n$5\r\nHELLO\r\n$1\r\n2\r\n";
    private const string Get = "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";

    private readonly ScriptedNode _node = ScriptedNode.Start();
    private NodeStream? _stream;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
            await _stream.DisposeAsync();
        await _node.DisposeAsync();
    }

    // Also a replica that was promoted after it was dialled.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Node_WhateverItIs_ShowsItselfAsAReplica(bool isMaster)
    {
        _node.IsMaster = isMaster;
        _node.Override = command => command switch
        {
            ["INFO", ..] => Resp.Bulk("# Replication\r\nrole:master\r\n"),
            ["HELLO", "2"] => Resp.Bulks("role", "master"),
            ["HELLO", _] => Resp.Error("NOPROTO unsupported protocol version"),
            ["GET", _] => Resp.Bulk("value"),
            _ => null,
        };
        await OpenAsync();

        var replies = await AskAsync(Get + Hello + Get + Question + Get, 5);

        var (value, replica) = (Resp.Bulk("value"), Resp.Bulk("# Replication\r\nrole:slave\r\n"));
        Assert.Equal($"{value}-NOPROTO unsupported protocol version\r\n{value}{replica}{value}", replies);
        Assert.Equal(0, _node.Peer.Count("INFO"));
    }

    [Fact]
    public async Task Question_InPieces_IsNotPassedOn()
    {
        _node.Override = command => command[0] == "GET" ? Resp.Bulk("value") : null;
        await OpenAsync();
        var commands = Get + Question + Get;

        for (var cut = 1; cut < commands.Length; cut++)
        {
            await WriteAsync(commands[..cut]);
            await WriteAsync(commands[cut..]);
            Assert.Contains("role:slave", await ReadAsync(3), StringComparison.Ordinal);
        }

        Assert.Equal(0, _node.Peer.Count("INFO"));
    }

    // A key that looks like the question: its length would no longer be that which was announced.
    [Fact]
    public async Task QuestionWithinAnArgument_IsAnArgument()
    {
        _node.Override = command => command[0] == "GET" ? Resp.Bulk(command[1]) : null;
        await OpenAsync();

        Assert.Equal(Resp.Bulk(Question) + Resp.Bulk(Hello), await AskAsync(Resp.Bulks("GET", Question) + Resp.Bulks("GET", Hello), 2));
    }

    [Fact]
    public async Task ValueThatLooksLikeARole_IsAValue()
    {
        _node.Override = command => command[0] == "GET" ? Resp.Bulk("role:master") : null;
        await OpenAsync();

        Assert.Equal(Resp.Bulk("role:master"), await AskAsync(Get, 1));
    }

    private async Task OpenAsync()
    {
        var dialer = new NodeDialer(NodeAccess.ToData(new ConvoyRedisOptions { Host = "127.0.0.1" }.Resolve(), tls: null));
        _stream = new NodeStream(await dialer.DialAsync(_node.Endpoint, Token), new LoadedScripts(), ownReplies: 0, isVeiled: true);
    }

    private async Task<string> AskAsync(string commands, int replies)
    {
        await WriteAsync(commands);
        return await ReadAsync(replies);
    }

    private async Task WriteAsync(string commands) => await _stream!.WriteAsync(Encoding.ASCII.GetBytes(commands), Token);

    private async Task<string> ReadAsync(int replies)
    {
        var (scanner, received, buffer) = (new ReplyScanner(), new StringBuilder(), new byte[256]);
        while (scanner.Completed < replies)
        {
            var read = await _stream!.ReadAsync(buffer, Token);
            Assert.NotEqual(0, read);
            scanner.Advance(buffer.AsSpan(0, read), replies);
            received.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return received.ToString();
    }
}
