using System.Reflection;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>A multiplexer for a library that disposes what it was given, although others use it too.</summary>
public class Undisposed : DispatchProxy
{
    private IConnectionMultiplexer? _inner;

    /// <summary>Whether somebody tried.</summary>
    public bool IsDisposed { get; private set; }

    public static IConnectionMultiplexer Of(IConnectionMultiplexer inner)
    {
        var proxy = Create<IConnectionMultiplexer, Undisposed>();
        ((Undisposed)(object)proxy)._inner = inner;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(IDisposable.Dispose) or nameof(IConnectionMultiplexer.Close):
                IsDisposed = true;
                return null;
            case nameof(IAsyncDisposable.DisposeAsync):
                IsDisposed = true;
                return ValueTask.CompletedTask;
            case nameof(IConnectionMultiplexer.CloseAsync):
                IsDisposed = true;
                return Task.CompletedTask;
            default:
                return targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
        }
    }
}
