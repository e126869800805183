namespace ConvoyRedis.Testing.Processes;

/// <summary>A server that was started, wherever it runs.</summary>
/// <param name="exited">Completes when it has ended.</param>
/// <param name="signal">Sends it a signal by name, for example <c>STOP</c>; whether it was delivered.</param>
internal sealed class ServerProcess(Task exited, Func<string, Task<bool>> signal)
{
    // A container engine that does not answer must not hold up a test run for ever.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public bool IsRunning => !exited.IsCompleted;

    /// <exception cref="IOException">The server runs, and the signal was not delivered.</exception>
    /// <exception cref="TimeoutException">Whoever was to deliver it did not answer within 30 s.</exception>
    public async Task SignalAsync(string name)
    {
        if (IsRunning && !await signal(name).WaitAsync(Limit).ConfigureAwait(false) && IsRunning)
            throw new IOException($"SIG{name} was not delivered.");
    }

    /// <exception cref="TimeoutException">It was not known to have ended within 30 s.</exception>
    public async Task KillAsync()
    {
        if (IsRunning)
            await signal("KILL").WaitAsync(Limit).ConfigureAwait(false);
        await exited.WaitAsync(Limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (IsRunning)
            throw new TimeoutException($"A killed server has not ended after {Limit.TotalSeconds} s.");
    }
}
