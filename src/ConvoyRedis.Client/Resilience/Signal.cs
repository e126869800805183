namespace ConvoyRedis.Client.Resilience;

/// <summary>Ends a periodic wait early. A signal while nobody waits ends the next wait; several such signals count as one.</summary>
/// <param name="time">The clock.</param>
internal sealed class Signal(TimeProvider time)
{
    private TaskCompletionSource _signal = New();

    /// <summary>Ends the wait.</summary>
    public void Set() => Volatile.Read(ref _signal).TrySetResult();

    /// <summary>Waits for the signal.</summary>
    /// <param name="longest">How long at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the signal came.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<bool> WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var signal = Volatile.Read(ref _signal);

        // Most waits end with the time, several of them each second in every process: without throwing.
        await signal.Task.WaitAsync(longest, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (!signal.Task.IsCompleted)
            return false;
        Interlocked.CompareExchange(ref _signal, New(), signal);
        return true;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
