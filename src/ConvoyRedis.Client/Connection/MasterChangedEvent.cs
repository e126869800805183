using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Resilience;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// The event <see cref="IConvoyRedisConnection.MasterChanged"/>: raised in the order of the moves, on a separate queue, so that a slow
/// handler delays only later events. A handler that throws does not stop the others.
/// </summary>
/// <param name="sender">Raises the event.</param>
/// <param name="logger">Logs the exceptions of handlers.</param>
internal sealed class MasterChangedEvent(object sender, ILogger logger)
{
    private readonly OrderedWork _work = new();

    public event EventHandler<MasterChangedEventArgs>? Handlers;

    /// <summary>Raises it after all that were posted before.</summary>
    public void Post(MasterChangedEventArgs change)
    {
        if (Handlers is { } handlers)
            _work.Post(() => Raise(handlers, change));
    }

    private Task Raise(EventHandler<MasterChangedEventArgs> handlers, MasterChangedEventArgs change)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(sender, change);
            }
            catch (Exception exception)
            {
                Log.HandlerFailed(logger, exception);
            }
        }

        return Task.CompletedTask;
    }
}
