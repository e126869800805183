using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>Removes secrets from messages, from their structured values, and from exceptions.</summary>
internal sealed class MaskingLogger(ILogger inner, Func<string, string> mask) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!inner.IsEnabled(logLevel))
            return;
        var text = mask(formatter(state, exception));
        var values = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
        List<KeyValuePair<string, object?>> masked = [.. values.Select(value => KeyValuePair.Create(value.Key, Masked(value.Value)))];
        var shown = MaskedException.Of(exception, mask);
        inner.Log(logLevel, eventId, masked, shown, (_, _) => text);
    }

    private object? Masked(object? value) => value switch
    {
        null => null,
        Exception exception => MaskedException.Of(exception, mask),
        _ when value.GetType().IsPrimitive || value is Enum or TimeSpan => value,
        _ => mask(value.ToString() ?? ""),
    };
}
