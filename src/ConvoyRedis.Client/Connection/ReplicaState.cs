using System.Globalization;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Connection;

/// <summary>What a replica says of itself. ROLE would not do: it shows no offset while the master is down.</summary>
/// <param name="info">Its answer to INFO; null if it refuses that.</param>
internal sealed class ReplicaState(NodeInfo? info)
{
    /// <summary>Whether it does not show its state.</summary>
    public bool IsHidden => info is null;

    /// <summary>Whether it answers reads with an older copy, or with errors: it is a master now, or copies everything anew.</summary>
    public bool IsUnfit => info?["role"] == "master" || info?["master_sync_in_progress"] == "1";

    /// <summary>Whether it is connected to its master.</summary>
    public bool IsLinked => info?["master_link_status"] == "up";

    /// <summary>How much of the master's history it has; null if it does not say so.</summary>
    public long? Offset => long.TryParse(info?["slave_repl_offset"], NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : null;

    /// <summary>Asks a replica.</summary>
    /// <exception cref="IOException">The connection has ended.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<ReplicaState> AskAsync(NodeTransport replica, CancellationToken cancellationToken) =>
        new(NodeInfo.From(await replica.Resp.ExecuteAsync(["INFO", "replication"], cancellationToken).ConfigureAwait(false)));
}
