using System.Reflection;
using ConvoyRedis.Client.Replicas;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Replicas;

/// <summary>The list of reads, compared with what StackExchange.Redis lets a replica do. A new version of it with more methods needs a decision here.</summary>
public sealed class ReadMethodsTests : IAsyncLifetime
{
    private const string Async = "Async";

    private static readonly string[] Reads = ReadMethods.Names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>StackExchange.Redis lets these go to a replica, and they are no reads: <see cref="ReadMethods"/> says why; the others write.</summary>
    private static readonly string[] Others =
    [
        "ArrayNext", "DebugObject", "Execute", "ExecuteResp", "GeoAdd", "GeoRadius", "HashScan", "HashScanNoValues", "HyperLogLogLength", "IdentifyEndpoint",
        "IsConnected", "KeyCopy", "LockExtend", "LockQuery", "LockRelease", "Ping", "Publish", "ScriptEvaluate", "ScriptEvaluateResp", "SetScan", "Sort",
        "SortedSetScan", "StreamAcknowledge", "StreamAcknowledgeAndDelete", "StreamAdd", "StreamClaim", "StreamClaimIdsOnly",
        "StreamConsumerGroupSetPosition", "StreamCreateConsumerGroup", "StreamDelete", "StreamDeleteConsumer", "StreamDeleteConsumerGroup", "StreamNegativeAcknowledge",
        "StreamReadGroup", "StreamTrim", "StreamTrimByMinId",
    ];

    /// <summary>The test cannot make arguments of these types; what takes them writes, or has an overload that takes something else.</summary>
    private static readonly string[] NotMade = ["HashImport", "LoadedLuaScript"];

    private ConnectionMultiplexer _multiplexer = null!;

    public async ValueTask InitializeAsync() => _multiplexer = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
    {
        EndPoints = { { "127.0.0.1", 1 } },
        AbortOnConnectFail = false,
        AllowAdmin = true,
        ConnectTimeout = 100,
        ConnectRetry = 1,
        BacklogPolicy = BacklogPolicy.FailFast,
    });

    public ValueTask DisposeAsync() => _multiplexer.DisposeAsync();

    [Fact]
    public void Names_All_AreSortedMethodsOfIDatabase()
    {
        var methods = Arguments.MethodsOf(typeof(IDatabase)).Where(TakesFlags).Select(method => method.Name).ToHashSet();

        Assert.Equal(Reads.Distinct().Order(StringComparer.Ordinal), Reads);
        Assert.All(Reads, name => Assert.Contains(name, methods));
        Assert.All(Reads, name => Assert.Contains(name + Async, methods));
    }

    [Fact]
    public void Names_ComparedWithStackExchangeRedis_AreAllThatAReplicaAcceptsExceptTheOthers()
    {
        var database = _multiplexer.GetDatabase();
        var arguments = new Arguments(CommandFlags.DemandReplica);

        var accepted = Arguments.MethodsOf(typeof(IDatabaseAsync)).Where(method => TakesFlags(method) && IsAccepted(method, database, arguments))
            .Select(method => method.Name.EndsWith(Async, StringComparison.Ordinal) ? method.Name[..^Async.Length] : method.Name).ToHashSet();

        Assert.Empty(Reads.Except(accepted));
        Assert.Equal(Others, accepted.Except(Reads).Order(StringComparer.Ordinal));
    }

    // The command is refused when its message is made. If it is not, the task that is returned fails: there is no server.
    private static bool IsAccepted(MethodInfo method, IDatabase database, Arguments arguments)
    {
        try
        {
            method.Invoke(database, arguments.For(method));
            return true;
        }
        catch (TargetInvocationException exception) when (exception.InnerException is RedisCommandException refusal)
        {
            Assert.Contains("replica", refusal.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static bool TakesFlags(MethodInfo method)
    {
        var types = method.GetParameters().Select(parameter => parameter.ParameterType).ToList();
        return types.Contains(typeof(CommandFlags)) && !types.Exists(type => NotMade.Contains(type.Name));
    }
}
