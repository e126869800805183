using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>
/// Removes secrets from what StackExchange.Redis logs: it quotes the error replies of servers, and these may repeat what the servers were sent.
/// </summary>
/// <param name="inner">Where the masked messages go; its owner disposes of it.</param>
/// <param name="mask">Hides the secrets in a text.</param>
internal sealed class MaskingLoggerFactory(ILoggerFactory inner, Func<string, string> mask) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new MaskingLogger(inner.CreateLogger(categoryName), mask);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
    }
}
