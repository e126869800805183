namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>Does something again and again, with the number of the round, until it is stopped.</summary>
internal sealed class Repeated : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(40);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public Repeated(TimeSpan pause, Func<int, Task> round) => _running = Task.Run(async () =>
    {
        for (var number = 1; !_stop.IsCancellationRequested; number++)
        {
            await round(number);
            await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    });

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Bound);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
