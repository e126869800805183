namespace ConvoyRedis.Client.Resilience;

/// <summary>Runs work items one after the other in the order in which they were posted, and never on the thread that posts them.</summary>
internal sealed class OrderedWork
{
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Completes when everything that was posted until now has been done.</summary>
    public Task Done
    {
        get
        {
            lock (_gate)
                return _last;
        }
    }

    /// <summary>Runs this after everything that was posted before; an exception of one item does not stop the next.</summary>
    public void Post(Func<Task> work)
    {
        lock (_gate)
        {
            var previous = _last;
            _last = Background.Run(async () =>
            {
                await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await work().ConfigureAwait(false);
            });
        }
    }
}
