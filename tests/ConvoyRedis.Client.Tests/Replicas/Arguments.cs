using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Replicas;

/// <summary>
/// Makes up arguments of any type, such as StackExchange.Redis accepts them together. No two of a type are equal, as far as that is possible.
/// </summary>
internal sealed class Arguments(CommandFlags flags)
{
    private int _next;

    /// <summary>The members of an interface, and of those that it inherits.</summary>
    public static IEnumerable<MethodInfo> MethodsOf(Type contract) =>
        from declaring in contract.GetInterfaces().Prepend(contract)
        from method in declaring.GetMethods()
        where method.IsAbstract
        select method.IsGenericMethodDefinition ? method.MakeGenericMethod(typeof(int)) : method;

    /// <summary>Arguments for a method; the flags are those given.</summary>
    public object?[] For(MethodInfo method) => [.. method.GetParameters().Select(parameter => Of(parameter.ParameterType))];

    private object? Of(Type type)
    {
        var number = ++_next;
        return type switch
        {
            _ when type == typeof(CommandFlags) => flags,
            _ when type == typeof(RedisKey) => (RedisKey)$"key{number}",
            _ when type == typeof(RedisValue) => (RedisValue)$"value{number}",
            _ when type == typeof(RedisChannel) => RedisChannel.Literal($"channel{number}"),
            _ when type == typeof(string) => $"text{number}",
            _ when type == typeof(int) => number,
            _ when type == typeof(long) => (long)number,
            _ when type == typeof(double) => (double)number,
            _ when type == typeof(bool) => true,
            _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(number),
            _ when type == typeof(DateTime) => DateTime.UtcNow.AddHours(number),
            _ when type == typeof(EndPoint) => new DnsEndPoint("host", number),
            _ when type == typeof(GeoSearchShape) => new GeoSearchCircle(number),
            _ when type == typeof(LuaScript) => LuaScript.Prepare($"return {number}"),
            _ when type == typeof(ArrayOperation) => ArrayOperation.Match,
            _ when type == typeof(RedisKeyOrValue) => (RedisKeyOrValue)(RedisKey)$"key{number}",
            _ when type == typeof(VectorSetAddRequest) => VectorSetAddRequest.Member($"value{number}", new float[] { number }),
            _ when type == typeof(VectorSetSimilaritySearchRequest) => VectorSetSimilaritySearchRequest.ByMember($"value{number}"),
            _ when type == typeof(byte[]) => new byte[20],
            _ when type.IsArray => ArrayOf(type.GetElementType()!),
            _ when Nullable.GetUnderlyingType(type) is not null => null,
            _ when type.IsEnum => Enum.GetValues(type).GetValue(0),
            _ when typeof(ICollection<object>) == type => new List<object> { number },
            _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>) =>
                Activator.CreateInstance(type, ArrayOf(type.GenericTypeArguments[0])),
            _ when type.IsValueType => ValueOf(type),
            _ when type.IsAbstract || type.IsGenericType || typeof(Delegate).IsAssignableFrom(type) => null,
            _ => RuntimeHelpers.GetUninitializedObject(type),
        };
    }

    private Array ArrayOf(Type element)
    {
        var array = Array.CreateInstance(element, 1);
        array.SetValue(Of(element), 0);
        return array;
    }

    // By the constructor with the fewest arguments: what StackExchange.Redis takes is mostly built of keys and values.
    private object? ValueOf(Type type)
    {
        var constructor = type.GetConstructors().OrderBy(candidate => candidate.GetParameters().Length).FirstOrDefault();
        return constructor is null ? Activator.CreateInstance(type)
            : constructor.Invoke([.. constructor.GetParameters().Select(parameter => Of(parameter.ParameterType))]);
    }
}
