using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Tool.Watch;

/// <summary>What the library's own connection logs, as events: the lines that an operator can act on.</summary>
internal sealed class LibraryLog(EventStream events) : ILoggerProvider, ILogger
{
    public const string Source = "connection";

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        events.Add(Source, formatter(state, exception));

    public void Dispose()
    {
    }
}
