namespace ConvoyRedis.Testing.Processes;

/// <summary>A server that was started, wherever it runs.</summary>
/// <param name="exited">Completes when it has ended.</param>
/// <param name="signal">Sends it a signal by name, for example <c>STOP</c>.</param>
internal sealed class ServerProcess(Task exited, Func<string, Task> signal)
{
    // A container engine that does not answer must not hold up a test run for ever.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public bool IsRunning => !exited.IsCompleted;

    /// <exception cref="TimeoutException">Whoever was to deliver it did not answer within 30 s.</exception>
    public Task SignalAsync(string name) => signal(name).WaitAsync(Limit);

    /// <exception cref="TimeoutException">It was not known to have ended within 30 s.</exception>
    public async Task KillAsync()
    {
        if (IsRunning)
            await SignalAsync("KILL").ConfigureAwait(false);
        await exited.WaitAsync(Limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (IsRunning)
            throw new TimeoutException($"A server was killed, and is not known to have ended {Limit.TotalSeconds} s later.");
    }
}
