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

    private const int ReadBytes = 4 * 1024;

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
        var (settled, scanner, dialled) = (new List<byte>(replies.Length), new ReplyScanner(), new Dictionary<ConvoyRedisEndpoint, NodeTransport>());
        using var patience = new Deadline(Patience, time, cancellationToken);
        try
        {
            foreach (var command in Split(commands))
            {
                var reply = replies[..scanner.Advance(replies.Span, scanner.Completed + 1)];
                replies = replies[reply.Length..];
                var answer = command.IsEmpty || !Concerns(reply.Span) || TargetOf(reply.Span) is not { } target
                    ? null : await AskAsync(target, command, dialled, patience.Token).ConfigureAwait(false);
                settled.AddRange(answer is null ? reply.Span : answer);
            }
        }
        finally
        {
            foreach (var transport in dialled.Values)
                transport.Dispose();
        }

        settled.AddRange(replies.Span);
        return settled;
    }

    // One that belongs to a transaction, or changes the session, is empty.
    private static Stack<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> commands)
    {
        var (split, isInTransaction) = (new Stack<(ReadOnlyMemory<byte> Command, string Name)>(), false);
        while (WholeCommand.LengthOfAny(commands.Span, out var name) is > 0 and var length)
        {
            split.Push((commands[..length], SessionState.Concerns(name) ? Encoding.ASCII.GetString(name).ToUpperInvariant() : ""));
            commands = commands[length..];
        }

        // From the end on: a transaction may have begun before the first of them.
        var usable = new Stack<ReadOnlyMemory<byte>>();
        foreach (var (command, name) in split)
        {
            isInTransaction = name is "EXEC" or "DISCARD" || (isInTransaction && name != "MULTI");
            usable.Push(isInTransaction || name.Length > 0 ? default : command);
        }

        return usable;
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
            return await ExecuteAsync(dialled[node].Stream, command, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            throw new IOException($"{node} does not answer.", exception);
        }
    }

    // Whether the command was executed is not known if the connection ends: then it must not look as if the redirection had refused it.
    private static async Task<byte[]> ExecuteAsync(Stream stream, ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(command, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        var (scanner, reply, buffer) = (new ReplyScanner(), new List<byte>(), new byte[ReadBytes]);
        while (scanner.Completed == 0)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            reply.AddRange(buffer.AsSpan(0, read));
            scanner.Advance(buffer.AsSpan(0, read), 1);
            if (read == 0 || scanner.IsLost)
                throw new IOException("The connection ended before a reply.");
        }

        return [.. reply];
    }
}
