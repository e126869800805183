using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Resilience;

/// <summary>Runs work in the background, under each name at most once at a time. Ends quietly when a server is down; any other failure is logged.</summary>
/// <param name="owner">Whose work it is, for the log.</param>
/// <param name="logger">Logs failures.</param>
internal sealed class NamedWork(string owner, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task> _running = [];

    /// <summary>Completes when everything that has been started until now has ended.</summary>
    public Task Done
    {
        get
        {
            lock (_gate)
                return Task.WhenAll(_running.Values);
        }
    }

    /// <summary>Whether work whose name begins like this is under way.</summary>
    public bool IsRunning(string prefix)
    {
        lock (_gate)
            return _running.Any(work => work.Key.StartsWith(prefix, StringComparison.Ordinal) && !work.Value.IsCompleted);
    }

    /// <summary>Starts work, unless some of that name is under way.</summary>
    public void Start(string name, Func<Task> work)
    {
        lock (_gate)
        {
            foreach (var ended in _running.Where(task => task.Value.IsCompleted).Select(task => task.Key).ToList())
                _running.Remove(ended);
            if (!_running.ContainsKey(name))
                _running[name] = Background.Run(() => RunAsync(name, work));
        }
    }

    private async Task RunAsync(string name, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (exception is not (IOException or ConvoyRedisConnectionException or OperationCanceledException))
                Log.PartFailed(logger, $"{owner}'s {name}", exception);
        }
    }
}
