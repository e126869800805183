using System.Globalization;
using System.Net;

namespace ConvoyRedis.Client.Tests.Doubles;

/// <summary>A sentinel of one master: truthful until a test overrides an answer.</summary>
internal sealed class ScriptedSentinel : IAsyncDisposable
{
    public const string MasterName = "mymaster";

    /// <summary>In place of a reply: none.</summary>
    public const string Silence = ScriptedPeer.Silence;

    private ScriptedSentinel(ConvoyRedisEndpoint master, long epoch, IPAddress? address, bool speaksResp3)
    {
        (Master, Epoch, SpeaksResp3) = (master, epoch, speaksResp3);
        Peer = ScriptedPeer.Start(Reply, address);
    }

    public ScriptedPeer Peer { get; }

    public ConvoyRedisEndpoint Endpoint => Peer.Endpoint;

    /// <summary>The id by which others know it.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N") + "00000000";

    /// <summary>The master that it names.</summary>
    public ConvoyRedisEndpoint Master { get; set; }

    /// <summary>The configuration epoch.</summary>
    public long Epoch { get; set; }

    /// <summary>Whether it speaks RESP3, as Redis 6.0 and later do: then it answers questions over the connection of the events.</summary>
    public bool SpeaksResp3 { get; }

    /// <summary>The other sentinels that it names.</summary>
    public IReadOnlyList<(string Id, ConvoyRedisEndpoint Endpoint)> Others { get; set; } = [];

    /// <summary>What it answers in place of the truth: the reply, or null for the truth. <see cref="Silence"/> is no reply.</summary>
    public Func<IReadOnlyList<string>, string?> Override { get; set; } = _ => null;

    public static ScriptedSentinel Start(ConvoyRedisEndpoint master, long epoch = 1, IPAddress? address = null, bool speaksResp3 = false) =>
        new(master, epoch, address, speaksResp3);

    /// <summary>Publishes an event to those who subscribed.</summary>
    public Task PublishAsync(string channel, string text) => Peer.PushAsync(Pushed(Resp.Bulks("message", channel, text)), "SUBSCRIBE");

    /// <summary>Publishes the steps by which the leader of a failover orders the promotion of a replica.</summary>
    public async Task PublishFailoverAsync(ConvoyRedisEndpoint candidate)
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $"slave {candidate} {candidate.Host} {candidate.Port} @ {MasterName} {Master.Host} {Master.Port}");
        await PublishAsync("+selected-slave", text);
        await PublishAsync("+failover-state-send-slaveof-noone", text);
    }

    public ValueTask DisposeAsync() => Peer.DisposeAsync();

    private string Pushed(string array) => SpeaksResp3 ? ">" + array[1..] : array;

    private string? Reply(IReadOnlyList<string> command)
    {
        if (Override(command) is { } other)
            return other;
        return command.Select(word => word.ToUpperInvariant()).ToList() switch
        {
            ["PING"] => Resp.Pong,
            ["AUTH", ..] => Resp.Ok,
            ["SUBSCRIBE", ..] => string.Concat(command.Skip(1).Select((channel, index) =>
                Pushed(Resp.Array(Resp.Bulk("subscribe"), Resp.Bulk(channel), Resp.Number(index + 1))))),
            ["HELLO", "3"] when SpeaksResp3 => "%1\r\n" + Resp.Bulk("proto") + Resp.Number(3),
            ["SENTINEL", "MASTER", _] => MasterFields($"{Master.Host}", $"{Master.Port}", $"{Epoch}"),
            ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", _] => Resp.Bulks(Master.Host, $"{Master.Port}"),
            ["SENTINEL", "MASTERS"] => Resp.Array(MasterFields($"{Master.Host}", $"{Master.Port}", $"{Epoch}")),
            ["SENTINEL", "CKQUORUM", _] => "+OK 3 usable Sentinels. Quorum and failover authorization can be reached\r\n",
            ["SENTINEL", "MYID"] => Resp.Bulk(Id),
            ["SENTINEL", "SENTINELS", _] => Peers(Others),
            ["INFO", ..] => Resp.Bulk("# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:0\r\n"),
            _ => Resp.Error($"ERR unknown command '{command[0]}'"),
        };
    }

    /// <summary>The answer to SENTINEL SENTINELS.</summary>
    public static string Peers(params IEnumerable<(string Id, ConvoyRedisEndpoint Endpoint)> peers) => Resp.Array(peers.Select(peer => Resp.Bulks(
        "name", $"{peer.Endpoint}", "ip", peer.Endpoint.Host, "port", $"{peer.Endpoint.Port}", "runid", peer.Id)));

    /// <summary>The answer to SENTINEL MASTER.</summary>
    public static string MasterFields(string host, string port, string epoch, string flags = "master") => Resp.Bulks(
        "name", MasterName, "ip", host, "port", port, "flags", flags, "num-slaves", "0", "config-epoch", epoch, "quorum", "2", "num-other-sentinels", "2");
}
