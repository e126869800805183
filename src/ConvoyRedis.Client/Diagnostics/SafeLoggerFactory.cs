using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>
/// Where the logger of the service enters the library: what it throws ends here, so that it cannot stop a link, a timer or the process. Two of them
/// are equal when they log to the same factory; connections share their links to the sentinels by that.
/// </summary>
/// <param name="Inner">The service's factory, which disposes of itself.</param>
internal sealed record SafeLoggerFactory(ILoggerFactory Inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new SafeLogger(Inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => Inner.AddProvider(provider);

    public void Dispose()
    {
    }
}
