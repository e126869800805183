using System.Net;
using System.Net.Sockets;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;

namespace ConvoyRedis.Client.Tests.Nodes;

/// <summary>What is said of a node that could not be connected to, where real servers cannot be made to behave so.</summary>
public sealed class DialMessageTests
{
    private const string Secret = "s3cr3t-of-the-tests";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nServer: gate\r\n", "said 'HTTP/1.1 400 Bad Request' instead of answering")]
    [InlineData("-ERR max number of cl", "said '-ERR max number of cl' instead of answering")]
    [InlineData("go \u001b[31maway, s3cr3t-of-the-tests\r\n", "said 'go  [31maway, ***' instead of answering")]
    public async Task DialAsync_PeerSaysWhatIsNoReply_IsShown(string said, string shown)
    {
        await using var peer = ScriptedPeer.Start(command => command[0] == "AUTH" ? said : null);
        var dialing = DialAsync(peer.Endpoint, peer.Endpoint);
        await peer.ReceivedAsync(1, "ROLE");
        peer.DropConnections();

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => dialing);

        Assert.Contains(shown, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DialAsync_PeerSaysALot_IsShownInPart()
    {
        await using var peer = ScriptedPeer.Start(_ => new string('x', 5000) + "\r\n");

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => DialAsync(peer.Endpoint, peer.Endpoint));

        Assert.Contains("xxx…' instead of answering", fault.Message, StringComparison.Ordinal);
        Assert.InRange(fault.Message.Length, 500, 800);
    }

    // It answers the first command with a refusal, and is gone before the next one.
    [Fact]
    public async Task DialAsync_PeerRefusesAndCloses_IsTheRefusal()
    {
        await using var peer = ScriptedPeer.Start(command => command[0] == "AUTH" ? Resp.Error("ERR max number of clients reached") : ScriptedPeer.Close);

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => DialAsync(peer.Endpoint, peer.Endpoint));

        Assert.Contains("answered 'ERR max number of clients reached'. Raise maxclients", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis-1.lab", true)]
    [InlineData("redis.test", false)]
    public async Task DialAsync_NameDoesNotResolve_NamesTheAddressMapIfItWasAnnounced(string host, bool isAnnounced)
    {
        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => DialAsync(
            new ConvoyRedisEndpoint(host, 6379), new ConvoyRedisEndpoint("redis.test", 6379), (_, _) => throw new SocketException((int)SocketError.HostNotFound)));

        Assert.StartsWith($"{host}:6379: ", fault.Message, StringComparison.Ordinal);
        Assert.Equal(isAnnounced, fault.Message.Contains("address_map", StringComparison.Ordinal));
    }

    private static Task<NodeTransport> DialAsync(
        ConvoyRedisEndpoint node, ConvoyRedisEndpoint configured, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        var target = new ConvoyRedisOptions { Host = $"{configured}", Password = Secret }.Resolve();
        return new NodeDialer(NodeAccess.ToData(target, tls: null, resolve)).DialAsync(node, Token);
    }
}
