using System.Text;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// Asks the node that imports a slot, where another one redirects a command to it (ASK, Redis cluster specification), in place of StackExchange.Redis, which
/// fails such a command if it is not connected to that node yet.
/// </summary>
/// <param name="isConnected">Whether StackExchange.Redis is connected to a node.</param>
/// <param name="dial">Dials a node.</param>
/// <param name="time">The clock.</param>
internal sealed class AskRedirect(
    Func<ConvoyRedisEndpoint, bool> isConnected, Func<ConvoyRedisEndpoint, CancellationToken, Task<NodeTransport>> dial, TimeProvider time)
{
    /// <summary>How long the nodes may take: as long as it takes to notice that one does not answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // How a redirection begins.
    private static ReadOnlySpan<byte> Refusal => "-ASK "u8;

    /// <summary>Whether a reply, as far as it has come, may lead to a node that StackExchange.Redis is not connected to.</summary>
    public bool Concerns(ReadOnlySpan<byte> reply) =>
        ClusterRefusals.Begins(reply, Refusal) && (reply.IndexOf((byte)'\n') < 0 || (TargetOf(reply) is { } target && !isConnected(target)));

    /// <summary>Puts the answers of other nodes in the place of redirections to them; those in transactions, and to nodes that are not reached, stay.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="replies">The replies to them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The replies.</returns>
    /// <exception cref="IOException">Whether a command was executed is not known.</exception>
    public async Task<IReadOnlyList<byte>> SettleAsync(ReadOnlyMemory<byte> commands, ReadOnlyMemory<byte> replies, CancellationToken cancellationToken)
    {
        var dialled = new Dictionary<ConvoyRedisEndpoint, NodeTransport>();
        using var patience = new Deadline(Patience, time, cancellationToken);
        try
        {
            return await OtherAnswers.ReplaceAsync(commands, replies, async (command, reply) =>
                Concerns(reply.Span) && TargetOf(reply.Span) is { } target ? await AskAsync(target, command, dialled, patience.Token).ConfigureAwait(false) : null)
                .ConfigureAwait(false);
        }
        finally
        {
            foreach (var transport in dialled.Values)
                transport.Dispose();
        }
    }

    private static ConvoyRedisEndpoint? TargetOf(ReadOnlySpan<byte> reply)
    {
        var words = Encoding.UTF8.GetString(reply[..Math.Max(0, reply.IndexOf((byte)'\n'))]).TrimEnd('\r').Split(' ');
        var colon = words.Length == 3 ? words[2].LastIndexOf(':') : -1;
        return colon < 0 ? null : AnnouncedEndpoint.Read(words[2][..colon], words[2][(colon + 1)..]);
    }

    // Null if it is not reached.
    private async Task<byte[]?> AskAsync(
        ConvoyRedisEndpoint node, ReadOnlyMemory<byte> command, Dictionary<ConvoyRedisEndpoint, NodeTransport> dialled, CancellationToken cancellationToken)
    {
        try
        {
            if (!dialled.TryGetValue(node, out var transport))
                dialled[node] = transport = await dial(node, cancellationToken).ConfigureAwait(false);
            if ((await transport.Resp.ExecuteAsync(["ASKING"], cancellationToken).ConfigureAwait(false)).IsError)
                return null;
        }
        catch (Exception exception) when (exception is IOException or ConvoyRedisConnectionException or OperationCanceledException)
        {
            return null;
        }

        try
        {
            return await OtherAnswers.ExecuteAsync(dialled[node].Stream, command, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            throw new IOException($"{node} does not answer.", exception);
        }
    }
}
