using System.Globalization;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>Where a node stands in the history of its data set, as <c>INFO replication</c> tells it.</summary>
/// <param name="Id">The id of the history that it writes, or copies.</param>
/// <param name="Offset">How far it has come in that.</param>
/// <param name="PreviousId">The id of the history that it copied before it was promoted.</param>
/// <param name="PreviousEnd">How far it had come in that.</param>
internal sealed record ReplicationHistory(string Id, long Offset, string PreviousId, long PreviousEnd)
{
    /// <summary>Asks a node; null when it does not tell, for example because of its ACL.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    public static async Task<ReplicationHistory?> AskAsync(RespConnection node, CancellationToken cancellationToken)
    {
        var info = await node.ExecuteAsync(["INFO", "replication"], cancellationToken).ConfigureAwait(false);
        return NodeInfo.From(info) is { } fields ? Read(fields) : null;
    }

    /// <summary>Reads what a node told; null when something is missing or makes no sense.</summary>
    public static ReplicationHistory? Read(NodeInfo info) =>
        info["master_replid"] is { } id && info["master_replid2"] is { } previousId
        && Number(info["master_repl_offset"]) is >= 0 and { } offset
        && Number(info["second_repl_offset"]) is >= -1 and { } secondOffset
            ? new ReplicationHistory(id, offset, previousId, secondOffset - 1)
            : null;

    /// <summary>How many bytes of this node's history the other one does not have; null when their histories do not connect.</summary>
    /// <param name="other">
    /// The replica that was promoted in this node's place; or, when that is taken back, the node in whose place this one was promoted.
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
