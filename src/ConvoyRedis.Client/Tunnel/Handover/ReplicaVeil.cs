namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// Makes StackExchange.Redis take a node for a replica while it serves as one: it asks each node for its role when it connects, and once a minute, and sends
/// writes to any that says <c>master</c>. These questions are not passed on, whatever the node is: it may have been promoted a moment ago.
/// </summary>
internal sealed class ReplicaVeil
{
    private byte[] _begun = [];

    // What both questions contain.
    private static ReadOnlySpan<byte> Common => "O\r\n$1"u8;

    private static ReadOnlySpan<byte> Info => "*2\r\n$4\r\nINFO\r\n$11\r\nreplication\r\n"u8;

    private static ReadOnlySpan<byte> Hello => "*2\r\n$5\r\nHELLO\r\n$1\r\n2\r\n"u8;

    // Answered as INFO is, with a bulk string.
    private static ReadOnlySpan<byte> Echo => "*2\r\n$4\r\nECHO\r\n$27\r\n# Replication\r\nrole:slave\r\n\r\n"u8;

    // Refused (NOPROTO), as HELLO is by servers that do not know it: the role is told by INFO then.
    private static ReadOnlySpan<byte> Refused => "*2\r\n$5\r\nHELLO\r\n$1\r\n9\r\n"u8;

    /// <summary>Takes up a piece of the commands, behind what <see cref="TryKeep"/> has kept.</summary>
    public ReadOnlyMemory<byte> Begin(ReadOnlyMemory<byte> piece)
    {
        if (_begun.Length == 0)
            return piece;
        byte[] all = [.. _begun, .. piece.Span];
        _begun = [];
        return all;
    }

    /// <summary>Whether a piece may contain a question, or the beginning of one at its end: then it must be gone through command by command.</summary>
    public static bool MayAsk(ReadOnlySpan<byte> piece) =>
        piece.IndexOf(Common) >= 0 || IsBeginning(piece[^Math.Min(piece.Length, Info.Length - 1)..]);

    /// <summary>What is written instead of the command that a piece begins with; null if it is no question.</summary>
    public static byte[]? Cover(ReadOnlySpan<byte> piece) => piece.StartsWith(Info) ? Echo.ToArray() : piece.StartsWith(Hello) ? Refused.ToArray() : null;

    /// <summary>Keeps the rest of a piece, if a question may begin with it, until the next piece comes.</summary>
    public bool TryKeep(ReadOnlySpan<byte> rest)
    {
        if (!(rest.Length < Info.Length && Info.StartsWith(rest)) && !(rest.Length < Hello.Length && Hello.StartsWith(rest)))
            return false;
        _begun = rest.ToArray();
        return true;
    }

    // Whether some end of it is the beginning of a question.
    private static bool IsBeginning(ReadOnlySpan<byte> end)
    {
        for (var star = end.IndexOf((byte)'*'); star >= 0;)
        {
            end = end[star..];
            if (Info.StartsWith(end) || Hello.StartsWith(end))
                return true;
            end = end[1..];
            star = end.IndexOf((byte)'*');
        }

        return false;
    }
}
