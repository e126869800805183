using System.Text;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>Puts the answers of another node in the place of refusals, which executed nothing.</summary>
internal static class OtherAnswers
{
    private const int ReadBytes = 4 * 1024;

    /// <summary>Replaces replies. Those to commands of transactions, and to those that change the session, stay.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="replies">The replies to them.</param>
    /// <param name="ask">Called with each command and its reply, in order; gives another reply, or null.</param>
    /// <returns>The replies.</returns>
    public static async Task<List<byte>> ReplaceAsync(
        ReadOnlyMemory<byte> commands, ReadOnlyMemory<byte> replies, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, Task<byte[]?>> ask)
    {
        var (settled, scanner) = (new List<byte>(replies.Length), new ReplyScanner());
        foreach (var command in Split(commands))
        {
            var reply = replies[..scanner.Advance(replies.Span, scanner.Completed + 1)];
            replies = replies[reply.Length..];
            var answer = command.IsEmpty ? null : await ask(command, reply).ConfigureAwait(false);
            settled.AddRange(answer is null ? reply.Span : answer);
        }

        settled.AddRange(replies.Span);
        return settled;
    }

    /// <summary>Executes a command.</summary>
    /// <returns>The reply.</returns>
    /// <exception cref="IOException">
    /// Whether it was executed is not known, since the connection has ended: then it must not look as if it had been refused.
    /// </exception>
    public static async Task<byte[]> ExecuteAsync(Stream stream, ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
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
}
