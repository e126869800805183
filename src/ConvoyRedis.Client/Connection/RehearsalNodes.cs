using System.IO.Pipelines;
using System.Text;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Connection;

/// <summary>The simulated nodes of a <see cref="FailoverRehearsal"/>. They all have the same data. Safe for concurrent use.</summary>
/// <param name="target">Its endpoints stand for the sentinels. They never answer; the rehearsal supplies their events.</param>
/// <param name="master">The first master.</param>
internal sealed class RehearsalNodes(ConvoyRedisTarget target, ConvoyRedisEndpoint master) : NodeDialer(NodeAccess.ToData(target, tls: null))
{
    private readonly Lock _gate = new();
    private readonly List<(ConvoyRedisEndpoint Node, RehearsalStream Client)> _open = [];
    private ConvoyRedisEndpoint _master = master;

    public override async Task<NodeTransport> DialAsync(ConvoyRedisEndpoint announced, CancellationToken cancellationToken, ConvoyRedisEndpoint? address = null)
    {
        if (target.Endpoints.Contains(announced))
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        var (toNode, toClient) = (new Pipe(), new Pipe());
        var client = new RehearsalStream(toNode.Reader, toClient.Writer);
        _ = Background.Run(() => ServeAsync(announced, client));
        var transport = new NodeTransport(announced, announced, socket: null, new RehearsalStream(toClient.Reader, toNode.Writer));
        transport.Role = await transport.Resp.ExecuteAsync(["ROLE"], cancellationToken).ConfigureAwait(false);
        transport.IsMaster = transport.Role[0] == "master";
        lock (_gate)
            _open.Add((announced, client));
        return transport;
    }

    /// <summary>Whether somebody has connected to a node.</summary>
    public bool HasClients(ConvoyRedisEndpoint node) => ClientsOf(node).Count > 0;

    /// <summary>Makes a node the master, and ends every connection to it, as Sentinel does.</summary>
    public void Promote(ConvoyRedisEndpoint node)
    {
        lock (_gate)
            _master = node;
        ClientsOf(node).ForEach(client => client.Dispose());
    }

    private List<RehearsalStream> ClientsOf(ConvoyRedisEndpoint node)
    {
        lock (_gate)
            return [.. _open.Where(open => open.Node == node).Select(open => open.Client)];
    }

    private async Task ServeAsync(ConvoyRedisEndpoint node, RehearsalStream client)
    {
        var commands = new RespConnection(client);
        try
        {
            while (true)
            {
                var command = await commands.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                await client.WriteAsync(Encoding.ASCII.GetBytes(Answer(node, command))).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client has gone.
        }
    }

    private string Answer(ConvoyRedisEndpoint node, RespReply command)
    {
        string role;
        lock (_gate)
            role = node == _master ? "master" : "slave";
        return command[0] switch
        {
            "ROLE" => $"*3\r\n{Bulk(role)}:0\r\n*0\r\n",
            "HELLO" => $"*6\r\n{Bulk("version")}{Bulk("7.0.0")}{Bulk("proto")}:2\r\n{Bulk("role")}{Bulk(role)}",
            "INFO" => Bulk($"redis_version:7.0.0\r\nrun_id:{node}\r\nrole:{role}\r\nmaster_replid:x\r\nmaster_replid2:x\r\nmaster_repl_offset:0\r\nsecond_repl_offset:1\r\n"),
            "ECHO" => Bulk(command[1]!),
            "PING" => command[1] is { } text ? Bulk(text) : "+PONG\r\n",
            "INCR" => ":1\r\n",
            "CLIENT" => "+OK\r\n",
            _ => "-ERR unknown command\r\n",
        };
    }

    private static string Bulk(string text) => $"${text.Length}\r\n{text}\r\n";
}
