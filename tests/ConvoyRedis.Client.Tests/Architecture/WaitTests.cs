using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel.Handover;
using Microsoft.Extensions.DependencyInjection;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace ConvoyRedis.Client.Tests.Architecture;

/// <summary>
/// Every wait, and every rule about time, goes by a TimeProvider: only then can a test let time pass. The test reads the compiled calls, which unlike
/// the source say which overload is meant.
/// </summary>
public sealed class WaitTests
{
    private const string SystemClock = "System.TimeProvider.get_System";

    /// <summary>Whatever is called of these is the machine's time.</summary>
    private static readonly string[] ClockTypes =
        ["System.Diagnostics.Stopwatch", "System.Threading.Timer", "System.Timers.Timer", "System.Threading.Thread", "System.Threading.SpinWait"];

    private static readonly string[] ClockMembers =
    [
        SystemClock, "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today", "System.DateTimeOffset.get_Now",
        "System.DateTimeOffset.get_UtcNow", "System.Environment.get_TickCount", "System.Environment.get_TickCount64",
        "System.Threading.CancellationTokenSource.CancelAfter",
    ];

    /// <summary>These wait, or begin to, when they are given a time: with it they must be given a clock.</summary>
    private static readonly string[] WaitingTypes =
    [
        "System.Threading.Tasks.Task", "System.Threading.CancellationTokenSource", "System.Threading.PeriodicTimer", "System.Threading.SemaphoreSlim",
        "System.Threading.Monitor", "System.Threading.WaitHandle", "System.Threading.ManualResetEventSlim", "System.Threading.CountdownEvent",
        "System.Threading.Lock",
    ];

    /// <summary>What measures for a report, and goes by nothing; and where the machine's clock is the default.</summary>
    private static readonly (Type? Type, string Callee)[] Allowed =
    [
        (typeof(CommandDurations), "System.Diagnostics.Stopwatch.GetTimestamp"),
        (typeof(CommandDurations), "System.Diagnostics.Stopwatch.GetElapsedTime"),
        (typeof(Telemetry), "System.DateTimeOffset.get_UtcNow"),
        (typeof(FailoverRehearsal), SystemClock),
        (typeof(ConvoyRedisConnection), SystemClock),
        (typeof(ConvoyRedisHealthCheckExtensions), SystemClock),
        (typeof(NodeAccess), SystemClock),
        (typeof(NodeStream), SystemClock),

        // It works while the pool stands still, and the timers of every clock with it.
        (typeof(PoolRelief), "System.Threading.Thread..ctor"),
        (typeof(PoolRelief), "System.Threading.Thread.set_IsBackground"),
        (typeof(PoolRelief), "System.Threading.Thread.set_Name"),
        (typeof(PoolRelief), "System.Threading.Thread.UnsafeStart"),
        (typeof(PoolRelief), "System.Threading.Thread.Sleep"),
    ];

    [Fact]
    public void Waits_OfTheWholeLibrary_GoByATimeProvider()
    {
        using var module = ModuleDefinition.ReadModule(typeof(ConvoyRedisConnection).Assembly.Location, new ReaderParameters { ReadSymbols = true });
        var calls = CallsOf(module).ToList();

        var wrong = calls.Where(call => IsOfTheMachine(call.Callee) && !Allowed.Contains((call.Caller, Name(call.Callee))))
            .Select(call => $"{call.Place}: {call.Callee.FullName}").ToList();

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
        Assert.All(Allowed, allowed => Assert.Contains(calls, call => (call.Caller, Name(call.Callee)) == allowed));
    }

    private static bool IsOfTheMachine(MethodReference callee)
    {
        var type = callee.DeclaringType.GetElementType().FullName.Split('`')[0];
        return ClockTypes.Contains(type) || ClockMembers.Contains(Name(callee))
            || (WaitingTypes.Contains(type) && Takes(callee, "System.TimeSpan", "System.Int32") && !Takes(callee, "System.TimeProvider")
                && !IsCount(callee));
    }

    // The whole number that these take counts something.
    private static bool IsCount(MethodReference callee) =>
        Name(callee) is "System.Threading.SemaphoreSlim..ctor" or "System.Threading.SemaphoreSlim.Release";

    private static bool Takes(MethodReference callee, params string[] types) =>
        callee.Parameters.Any(parameter => types.Contains(parameter.ParameterType.FullName));

    private static string Name(MethodReference callee) => $"{callee.DeclaringType.GetElementType().FullName.Split('`')[0]}.{callee.Name}";

    // The measurement of coverage adds types of its own to the library.
    private static IEnumerable<(Type? Caller, MethodReference Callee, string Place)> CallsOf(ModuleDefinition module) =>
        from type in module.GetTypes()
        where !type.FullName.StartsWith("Coverlet.", StringComparison.Ordinal)
        from method in type.Methods
        where method.HasBody
        from instruction in method.Body.Instructions
        where instruction.Operand is MethodReference && instruction.OpCode.FlowControl is FlowControl.Call or FlowControl.Next
        select (Outermost(type), (MethodReference)instruction.Operand, PlaceOf(method, instruction));

    // What the compiler makes of async methods and lambdas lies in nested types.
    private static Type? Outermost(TypeDefinition type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return typeof(ConvoyRedisConnection).Assembly.GetType(type.FullName);
    }

    private static string PlaceOf(MethodDefinition method, Instruction instruction)
    {
        var point = method.DebugInformation.SequencePoints.LastOrDefault(point => point.Offset <= instruction.Offset && !point.IsHidden);
        return point is null ? method.FullName : $"{Path.GetFileName(point.Document.Url)}({point.StartLine})";
    }
}
