namespace ConvoyRedis.Testing.Processes;

/// <summary>A server that was started, wherever it runs.</summary>
/// <param name="exited">Completes when it has ended.</param>
/// <param name="signal">Sends it a signal by name, for example <c>STOP</c>.</param>
internal sealed class ServerProcess(Task exited, Func<string, Task> signal)
{
    public bool IsRunning => !exited.IsCompleted;

    public Task SignalAsync(string name) => signal(name);

    public async Task KillAsync()
    {
        if (IsRunning)
            await signal("KILL").ConfigureAwait(false);
        await exited.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
