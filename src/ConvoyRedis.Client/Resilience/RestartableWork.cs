namespace ConvoyRedis.Client.Resilience;

/// <summary>Background work of which one part runs at a time: a new start ends the part before it. After its end, nothing is started any more.</summary>
internal sealed class RestartableWork : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private bool _isDisposed;

    /// <summary>Starts work, and ends what runs.</summary>
    /// <param name="work">The work; it ends with its token.</param>
    public void Start(Func<CancellationToken, Task> work)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _stop.Cancel();
            _stop = new CancellationTokenSource();
            var stop = _stop.Token;
            var previous = _running;
            _running = Background.Run(async () =>
            {
                // What failed must not stop what follows it.
                await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await work(stop).ConfigureAwait(false);
            });
        }
    }

    /// <summary>Ends what runs.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                _stop.Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        lock (_gate)
            _isDisposed = true;
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }
}
