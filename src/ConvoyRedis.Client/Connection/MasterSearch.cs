using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Connects to a fixed endpoint again while the connection uses a replica there, or a node that does not answer: the name may point to a master by
/// now. Callers search about once a second, and clients that lost the same master are spread by the time that connecting takes; this class limits how
/// often it is done.
/// </summary>
internal sealed class MasterSearch(NodeDialer dialer, TimeProvider time)
{
    private static readonly TimeSpan ShortestPause = RoleMonitor.Period / 2;

    private long? _last;

    /// <summary>The address at which a master answers to the node's name; null if none does.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="isHiddenRoleAccepted">Whether a node that does not show its role is taken for a master.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<ConvoyRedisEndpoint?> FindAsync(ConvoyRedisEndpoint node, bool isHiddenRoleAccepted, CancellationToken cancellationToken)
    {
        if (_last is { } last && time.GetElapsedTime(last) < ShortestPause)
            return null;
        try
        {
            using var master = await dialer.DialMasterAsync(node, cancellationToken).ConfigureAwait(false);
            return master is { IsMaster: true } || isHiddenRoleAccepted ? master?.Address : null;
        }
        finally
        {
            _last = time.GetTimestamp();
        }
    }
}
