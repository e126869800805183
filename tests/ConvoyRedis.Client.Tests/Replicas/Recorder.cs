using System.Reflection;

namespace ConvoyRedis.Client.Tests.Replicas;

/// <summary>Stands in for any interface: records the calls, and returns the default value or what was prepared. Public, since the runtime derives from it.</summary>
public class Recorder : DispatchProxy
{
    private readonly Dictionary<string, object> _results = [];

    /// <summary>The calls.</summary>
    public List<(MethodInfo Method, object?[] Arguments)> Calls { get; } = [];

    /// <summary>A double of an interface, and what records its calls.</summary>
    public static (T Double, Recorder Calls) Of<T>()
        where T : class
    {
        var made = Create<T, Recorder>();
        return (made, (Recorder)(object)made);
    }

    /// <summary>What the method returns.</summary>
    public void Returns(string method, object result) => _results[method] = result;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Calls.Add((targetMethod!, args!));
        if (_results.TryGetValue(targetMethod!.Name, out var result))
            return result;
        return targetMethod.ReturnType is { IsValueType: true } type && type != typeof(void) ? Activator.CreateInstance(type) : null;
    }
}
