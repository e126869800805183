using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Tests.Doubles;

/// <summary>A logger of which every call fails, after it was told to whoever counts.</summary>
internal sealed class FaultyLoggerFactory(Action logged) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => throw new InvalidOperationException("scope");

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        logged();
        throw new InvalidOperationException("log");
    }

    public void Dispose()
    {
    }
}
