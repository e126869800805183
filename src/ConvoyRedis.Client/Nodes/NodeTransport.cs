using System.Net.Sockets;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Nodes;

/// <summary>A dialled and logged-in connection to one node: its socket, and the plain RESP over it (TLS is below).</summary>
/// <param name="node">The node, as it is announced; the address map may replace the address.</param>
/// <param name="address">The real address of the node, read from the socket before the node could close it.</param>
/// <param name="socket">The socket; null for a stream in memory.</param>
/// <param name="stream">What to read and write.</param>
internal sealed class NodeTransport(ConvoyRedisEndpoint node, ConvoyRedisEndpoint address, Socket? socket, Stream stream) : IDisposable
{
    private static long _last;

    // Larger than that of each connection that was made before.
    private readonly long _number = Interlocked.Increment(ref _last);

    public ConvoyRedisEndpoint Node { get; } = node;

    public Stream Stream { get; } = stream;

    /// <summary>The real address of the node, which does not change when its host name points elsewhere.</summary>
    public ConvoyRedisEndpoint Address { get; } = address;

    /// <summary>What a data node answered to ROLE when it was dialled.</summary>
    public RespReply Role { get; set; } = RespReply.Null;

    /// <summary>Whether a data node was a master when it was dialled, by ROLE, or by INFO where ROLE is refused; null when it shows neither.</summary>
    public bool? IsMaster { get; set; }

    /// <summary>The id of the node's process (INFO: run_id); null if it was not asked, or does not show it.</summary>
    public string? RunId { get; set; }

    /// <summary>Whether the node is a replica that was accepted.</summary>
    public bool IsAcceptedReplica { get; set; }

    /// <summary>Whether nobody answered at its address for a while: by now, somebody else may.</summary>
    public bool IsDoubted { get; set; }

    /// <summary>For the library's own commands, while nobody else reads or writes.</summary>
    public RespConnection Resp { get; } = new(stream);

    /// <summary>Whether another connection is known to lead to another process; if one of them does not show its id, it is not known.</summary>
    public bool IsOtherProcessThan(NodeTransport other) => RunId is not null && other.RunId is not null && RunId != other.RunId;

    /// <summary>The same, and this connection is the later one: the other one may go to a former process of the address.</summary>
    public bool IsLaterProcessThan(NodeTransport other) => _number > other._number && IsOtherProcessThan(other);

    /// <summary>Ends the connection at once: no farewell to the node, which may hang.</summary>
    public void Dispose()
    {
        // Closing the socket first makes a pending read or write of the TLS layer fail, so that disposing it cannot block.
        socket?.Close(0);
        Stream.Dispose();
    }

    /// <summary>Asks the node for <see cref="RunId"/>: behind a load balancer, one address leads to several processes.</summary>
    /// <exception cref="IOException">The connection has ended.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task IdentifyAsync(CancellationToken cancellationToken) =>
        RunId = RunIdOf(await Resp.ExecuteAsync(["INFO", "server"], cancellationToken).ConfigureAwait(false));

    /// <summary>The process's id in an answer to INFO.</summary>
    public static string? RunIdOf(RespReply info) => NodeInfo.From(info)?["run_id"];
}
