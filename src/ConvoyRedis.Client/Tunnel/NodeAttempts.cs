using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>What is done at the node of an endpoint again and again until it succeeds: at the next node, when the endpoint moves meanwhile.</summary>
/// <param name="pointer">Points to the node.</param>
/// <param name="isWorthwhile">Called when the node was not reached; says whether to try again.</param>
/// <param name="time">The clock.</param>
internal sealed class NodeAttempts(MasterPointer pointer, Func<ConvoyRedisEndpoint, ConvoyRedisConnectionException, bool> isWorthwhile, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Does something at the node; waits for one for as long as there is none.</summary>
    /// <param name="act">What to do, until its token is cancelled; null for once more.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ConvoyRedisConnectionException">The node was not reached, and to try again is not worthwhile.</exception>
    public async Task<T> UntilDoneAsync<T>(Func<ConvoyRedisEndpoint, CancellationToken, Task<T?>> act, CancellationToken cancellationToken)
        where T : class
    {
        var backoff = new Backoff(FirstPause, LongestPause);
        while (true)
        {
            var (node, movedAway) = await pointer.WaitAsync(cancellationToken).ConfigureAwait(false);
            using var current = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, movedAway);
            try
            {
                if (await act(node, current.Token).ConfigureAwait(false) is { } done)
                    return done;
            }
            catch (ConvoyRedisConnectionException exception)
            {
                if (!isWorthwhile(node, exception))
                    throw;

                // A move of the pointer ends the pause early; that is not an error.
                await Task.Delay(backoff.Next(exception.IsRefusal), time, current.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                backoff.Reset();
            }
        }
    }

    /// <summary>Opens a stream to the node; waits for one for as long as there is none.</summary>
    /// <param name="slot">The stream's place.</param>
    /// <param name="attempt">Ends the wait.</param>
    /// <param name="dial">Dials a node.</param>
    /// <exception cref="ConvoyRedisConnectionException">The node was not reached, and to try again is not worthwhile.</exception>
    public Task<NodeStream> OpenAsync(
        StreamSlot slot, CancellationTokenSource attempt, Func<ConvoyRedisEndpoint, CancellationToken, Task<NodeTransport>> dial) =>
        UntilDoneAsync((node, current) => TryOpenAsync(slot, attempt, node, dial, current), attempt.Token);

    /// <summary>Opens a stream to a node.</summary>
    /// <returns>Null if the endpoint has moved meanwhile.</returns>
    public async Task<NodeStream?> TryOpenAsync(
        StreamSlot slot, CancellationTokenSource attempt, ConvoyRedisEndpoint node, Func<ConvoyRedisEndpoint, CancellationToken, Task<NodeTransport>> dial,
        CancellationToken cancellationToken)
    {
        var transport = await dial(node, cancellationToken).ConfigureAwait(false);
        var stream = await slot.AdoptAsync(attempt, transport, cancellationToken).ConfigureAwait(false);
        if (pointer.Node == node)
            return stream;
        stream.Abort();
        return null;
    }
}
