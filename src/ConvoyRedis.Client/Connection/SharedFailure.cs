namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Lets callers that queued behind a failed wait for the connection share its failure. Otherwise each of them would wait for
/// its own <c>command_timeout</c>, one after the other.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class SharedFailure(TimeProvider time)
{
    /// <summary>For how long after a failed wait its failure is shared; one that took less is not shared.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private volatile Tuple<ConvoyRedisConnectionException, long>? _last;

    /// <summary>Waits, unless a wait has just failed.</summary>
    /// <param name="wait">Waits for the connection.</param>
    /// <param name="isConnected">Whether there is a connection by now.</param>
    /// <exception cref="ConvoyRedisConnectionException">This wait failed, or the one before it.</exception>
    public async Task<T> WaitAsync<T>(Func<Task<T>> wait, Func<bool> isConnected)
    {
        if (_last is var (failure, at) && time.GetElapsedTime(at) < Period && !isConnected())
            throw new ConvoyRedisConnectionException(failure.Fault, failure.Message, failure);
        var began = time.GetTimestamp();
        try
        {
            return await wait().ConfigureAwait(false);
        }
        catch (ConvoyRedisConnectionException exception) when (time.GetElapsedTime(began) > Period)
        {
            _last = Tuple.Create(exception, time.GetTimestamp());
            throw;
        }
    }
}
