using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>
/// Wraps the logger factory of the service. Its exceptions are dropped, so that they cannot stop a link, a timer or the process. Two
/// instances are equal when they wrap the same factory: only connections with equal ones share their links to the sentinels.
/// </summary>
/// <param name="Inner">The service's factory; its owner disposes of it.</param>
internal sealed record SafeLoggerFactory(ILoggerFactory Inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new SafeLogger(Inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => Inner.AddProvider(provider);

    public void Dispose()
    {
    }
}
