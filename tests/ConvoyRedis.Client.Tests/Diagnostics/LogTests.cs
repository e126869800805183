using System.Reflection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Tests.Diagnostics;

public sealed class LogTests
{
    /// <summary>Structured loggers take a value apart: only what has no secret in any of its properties is handed to them.</summary>
    private static readonly Type[] Harmless =
        [typeof(string), typeof(int), typeof(long), typeof(double), typeof(TimeSpan), typeof(Exception), typeof(ConvoyRedisEndpoint), typeof(MasterDecision)];

    private static readonly IReadOnlyList<MethodInfo> Messages =
        [.. typeof(Log).GetMethods(BindingFlags.Static | BindingFlags.Public).Where(method => method.IsDefined(typeof(LoggerMessageAttribute)))];

    [Fact]
    public void Parameters_OfEveryMessage_AreOfHarmlessTypes()
    {
        var types = Messages.SelectMany(message => message.GetParameters().Skip(1))
            .Select(parameter => Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType).Distinct().ToList();

        Assert.NotEmpty(types);
        Assert.All(types.Where(type => !type.IsEnum), type => Assert.Contains(type, Harmless));
    }

    [Fact]
    public void EventIds_OfAllMessages_AreDistinct()
    {
        var ids = Messages.Select(message => message.GetCustomAttribute<LoggerMessageAttribute>()!.EventId).ToList();

        Assert.Equal(ids.Distinct().Count(), ids.Count);
    }
}
