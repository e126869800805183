using System.Net;

namespace ConvoyRedis.Client.Tests.Doubles;

/// <summary>A data node without data: a master or a replica that accepts everything, truthful until a test overrides an answer.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    /// <summary>The history of the data set, the same on all nodes: a replica that is promoted has all of it.</summary>
    private const string History = "0123456789012345678901234567890123456789";

    /// <summary>What a replica answers to ROLE.</summary>
    public static readonly string RoleOfAReplica = Resp.Array(Resp.Bulk("slave"), Resp.Bulk("127.0.0.1"), Resp.Number(6379), Resp.Bulk("connected"), Resp.Number(0));

    private ScriptedNode(bool isMaster, IPAddress? address, int port)
    {
        IsMaster = isMaster;
        Peer = ScriptedPeer.Start(Reply, address, port);
    }

    public ScriptedPeer Peer { get; }

    public ConvoyRedisEndpoint Endpoint => Peer.Endpoint;

    /// <summary>Whether it says that it is a master; else it is a replica.</summary>
    public bool IsMaster { get; set; }

    /// <summary>The id of its process, which is another one after a change; null if it shows none.</summary>
    public string? RunId { get; set; }

    /// <summary>What it answers in place of the truth: the reply, or null for the truth.</summary>
    public Func<IReadOnlyList<string>, string?> Override { get; set; } = _ => null;

    public static ScriptedNode Start(bool isMaster = true, IPAddress? address = null, int port = 0) => new(isMaster, address, port);

    public ValueTask DisposeAsync() => Peer.DisposeAsync();

    private string? Reply(IReadOnlyList<string> command)
    {
        if (Override(command) is { } other)
            return other;
        return command[0].ToUpperInvariant() switch
        {
            "PING" => command.Count > 1 ? Resp.Bulk(command[1]) : Resp.Pong,
            "ECHO" => Resp.Bulk(command[1]),
            "ROLE" when IsMaster => Resp.Array(Resp.Bulk("master"), Resp.Number(0), Resp.Array()),
            "ROLE" => RoleOfAReplica,
            "INFO" => Resp.Bulk($"# Replication\r\nrole:{(IsMaster ? "master" : "slave")}\r\nmaster_replid:{History}\r\n"
                + $"master_replid2:{History}\r\nmaster_repl_offset:0\r\nsecond_repl_offset:1\r\n"
                + (RunId is null ? "" : $"run_id:{RunId}\r\n")
                + (IsMaster ? "" : "master_link_status:up\r\nslave_repl_offset:0\r\n")),
            "SUBSCRIBE" => Resp.Array(Resp.Bulk("subscribe"), Resp.Bulk(command[1]), Resp.Number(1)),
            _ => Resp.Ok,
        };
    }
}
