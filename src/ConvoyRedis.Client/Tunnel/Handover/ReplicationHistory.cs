using System.Globalization;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>A node's position in its replication history, from <c>INFO replication</c>.</summary>
/// <param name="Id">The id of the history that it writes, or copies.</param>
/// <param name="Offset">Its offset in this history.</param>
/// <param name="PreviousId">The id of the history that it copied before it was promoted.</param>
/// <param name="PreviousEnd">Its last offset in this history.</param>
internal sealed record ReplicationHistory(string Id, long Offset, string PreviousId, long PreviousEnd)
{
    /// <summary>Asks a node; null if it does not answer, for example because of its ACL.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    public static async Task<ReplicationHistory?> AskAsync(RespConnection node, CancellationToken cancellationToken)
    {
        var info = await node.ExecuteAsync(["INFO", "replication"], cancellationToken).ConfigureAwait(false);
        return NodeInfo.From(info) is { } fields ? Read(fields) : null;
    }

    /// <summary>Parses a node's reply; null if something is missing or invalid.</summary>
    public static ReplicationHistory? Read(NodeInfo info) =>
        info["master_replid"] is { } id && info["master_replid2"] is { } previousId
        && Number(info["master_repl_offset"]) is >= 0 and { } offset
        && Number(info["second_repl_offset"]) is >= -1 and { } secondOffset
            ? new ReplicationHistory(id, offset, previousId, secondOffset - 1)
            : null;

    /// <summary>The number of bytes of this node's history that the other one lacks; null if their histories have nothing in common.</summary>
    /// <param name="other">
    /// The replica that was promoted to replace this node; or, when that is reverted, the node that this one had replaced.
    /// </param>
    public long? MissingFrom(ReplicationHistory other)
    {
        if (other.PreviousId == Id)
            return Math.Max(0, Offset - other.PreviousEnd);
        return PreviousId == other.Id ? Offset - PreviousEnd : null;
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
