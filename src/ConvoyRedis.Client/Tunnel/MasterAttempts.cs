using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>What is done at the master again and again until it succeeds: at the next master, when the endpoint moves meanwhile.</summary>
/// <param name="pointer">Points to the master.</param>
/// <param name="notMaster">Called when the node says that it is not a master, with the node whose replica it is, if it says so.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class MasterAttempts(MasterPointer pointer, Action<ConvoyRedisEndpoint, ConvoyRedisEndpoint?> notMaster, ConnectionContext context)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly MasterObstacle _obstacle = new(context);

    /// <summary>Why the last attempt failed; null if none did since one succeeded.</summary>
    public ConvoyRedisConnectionException? LastFault { get; private set; }

    /// <summary>The master was reached.</summary>
    public void Succeeded(ConvoyRedisEndpoint master)
    {
        LastFault = null;
        _obstacle.Passed(master);
    }

    /// <summary>Does something at the master; waits for one for as long as there is none.</summary>
    /// <param name="act">What to do, until its token is cancelled; null for once more.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ConvoyRedisConnectionException">The master refuses the connection permanently.</exception>
    public async Task<T> UntilDoneAsync<T>(Func<ConvoyRedisEndpoint, CancellationToken, Task<T?>> act, CancellationToken cancellationToken)
        where T : class
    {
        var backoff = new Backoff(FirstPause, LongestPause);
        while (true)
        {
            var (master, movedAway) = await pointer.WaitAsync(cancellationToken).ConfigureAwait(false);
            using var current = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, movedAway);
            try
            {
                if (await act(master, current.Token).ConfigureAwait(false) is { } done)
                    return done;
            }
            catch (ConvoyRedisConnectionException exception)
            {
                OnNotReady(master, exception);
                if (exception.IsFinal)
                    throw;

                // A move of the pointer ends the pause early; that is not an error.
                await Task.Delay(backoff.Next(exception.IsRefusal), context.Time, current.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                backoff.Reset();
            }
        }
    }

    private void OnNotReady(ConvoyRedisEndpoint master, ConvoyRedisConnectionException reason)
    {
        LastFault = reason;
        Log.MasterNotReady(context.Logger, master, reason.Message);
        _obstacle.Met(master, reason);
        if (reason.Fault != ConvoyRedisFault.NotMaster)
            return;
        context.Telemetry.StaleMasterRejected(master);
        notMaster(master, reason.Successor);
    }
}
