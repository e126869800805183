using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Connects to a fixed endpoint again while the connection uses a replica there: the name may point to a master by now. Callers search about once a
/// second, and clients that lost the same master are spread by the time that connecting takes; this class limits how often it is done.
/// </summary>
internal sealed class MasterSearch(NodeDialer dialer, TimeProvider time)
{
    private static readonly TimeSpan ShortestPause = RoleMonitor.Period / 2;

    private long? _last;

    /// <summary>Whether a master answers at the node's name.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<bool> FindsAsync(ConvoyRedisEndpoint node, CancellationToken cancellationToken)
    {
        if (_last is { } last && time.GetElapsedTime(last) < ShortestPause)
            return false;
        try
        {
            using var transport = await dialer.DialAsync(node, cancellationToken).ConfigureAwait(false);
            return transport.IsMaster == true;
        }
        catch (ConvoyRedisConnectionException)
        {
            return false;
        }
        finally
        {
            _last = time.GetTimestamp();
        }
    }
}
