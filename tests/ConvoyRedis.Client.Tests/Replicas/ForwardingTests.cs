using System.Reflection;
using ConvoyRedis.Client.Replicas;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Replicas;

/// <summary>Every member of the wrappers that is generated calls the same one, with the same arguments but for the flags.</summary>
public sealed class ForwardingTests
{
    private static readonly HashSet<string> Reads = [.. ReadMethods.Names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];

    private readonly ReadRouting _routing = new(ConvoyRedisReadFrom.Replica, () => true);

    [Fact]
    public void Database_EachMember_IsCalledWithTheSameArgumentsAndRoutedFlags() =>
        AssertForwarded<IDatabase>(inner => new RoutingDatabase(inner, _routing), nameof(IDatabase.CreateBatch), nameof(IDatabase.Execute), nameof(IDatabase.ExecuteAsync));

    [Fact]
    public void Batch_EachMember_IsCalledWithTheSameArgumentsAndRoutedFlags() =>
        AssertForwarded<IBatch>(inner => new RoutingBatch(inner, _routing), nameof(IBatch.ExecuteAsync));

    [Fact]
    public void Multiplexer_EachMember_IsCalledWithTheSameArguments() =>
        AssertForwarded<IConnectionMultiplexer>(inner => new RoutingMultiplexer(inner, _routing), nameof(IConnectionMultiplexer.GetDatabase));

    // What is written by hand takes no flags.
    private static void AssertForwarded<T>(Func<T, T> wrap, params string[] handWritten)
        where T : class
    {
        var (inner, recorder) = Recorder.Of<T>();
        var wrapper = wrap(inner);
        var arguments = new Arguments(CommandFlags.FireAndForget);

        Assert.All(Arguments.MethodsOf(typeof(T)).Where(method => TakesFlags(method) || !handWritten.Contains(method.Name)), method =>
        {
            var given = arguments.For(method);
            recorder.Calls.Clear();

            method.Invoke(wrapper, given);

            var (called, received) = Assert.Single(recorder.Calls);
            Assert.Equal(method, called);
            Assert.Equal(given.Select(argument => argument is CommandFlags flags ? Routed(method, flags) : argument), received, Equals);
        });
    }

    private static bool TakesFlags(MethodInfo method) => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(CommandFlags));

    private static object Routed(MethodInfo method, CommandFlags flags) =>
        flags | (Reads.Contains(method.Name.EndsWith("Async", StringComparison.Ordinal) ? method.Name[..^5] : method.Name)
            ? CommandFlags.DemandReplica : CommandFlags.DemandMaster);
}
