using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Dials a fixed endpoint anew while the connection is on a replica there: the name may lead to a master by now. Whoever searches does so in its own
/// rhythm of about a second, and clients that lost the same master are spread by their dialling; this bounds how often it is done.
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
