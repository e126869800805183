namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>Distinguishes a node that hangs from one that is slow, or lets its writers wait.</summary>
internal static class NodeSilence
{
    /// <summary>How long a node may send nothing while an answer is due until it counts as hung.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    // A pause of our own process (garbage collection, a busy machine) is one step, and not the node's silence.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(25);

    /// <summary>Waits for a node's answer as long as it is not silent.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="wasSilent">Whether somebody has waited for the node since the last question, and nothing came.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="isPausing">Asked after half of that time: whether the node lets its writers wait, and is silent for that reason.</param>
    /// <exception cref="TimeoutException">The node was silent for 250 ms.</exception>
    public static async Task<T> WaitAsync<T>(
        Task<T> answer, Func<bool> wasSilent, TimeProvider time, CancellationToken cancellationToken, Func<Task<bool>>? isPausing = null)
    {
        Task<bool>? asking = null;
        for (var silent = TimeSpan.Zero; silent < Patience; silent = wasSilent() ? silent + Step : TimeSpan.Zero)
        {
            if (silent >= Patience / 2)
                asking ??= isPausing?.Invoke();
            if (asking is { IsCompletedSuccessfully: true, Result: true })
                (silent, asking) = (TimeSpan.Zero, null);
            try
            {
                return await answer.WaitAsync(Step, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Asked again by the loop.
            }
        }

        throw new TimeoutException($"it did not answer for {Patience.TotalMilliseconds} ms.");
    }
}
