using System.Reflection;
using ConvoyRedis.Testing;
using Xunit.v3;

[assembly: RedisIsThere]

namespace ConvoyRedis.Tests;

/// <summary>
/// Skips every test where there is no Redis to run it on, cancels one that does not end, and shows with one that failed what its servers logged.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class RedisIsThereAttribute : BeforeAfterTestAttribute
{
    private const string LogsVariable = "REDIS_TESTING_LOGS";
    private const int LinesOfALog = 80;

    // A soak takes as long as it is told to.
    private static readonly TimeSpan Limit = new[] { "SOAK_RESULTS", "CHAOS_SECONDS" }.Any(name => Environment.GetEnvironmentVariable(name) is not null)
        ? Timeout.InfiniteTimeSpan : TimeSpan.FromMinutes(5);

    private static readonly string? Reason = RedisTopology.UnavailableReason;

    private static readonly string Logs = Path.Combine(Path.GetTempPath(), $"redis-logs-{Environment.ProcessId}");

    // One test runs at a time (xunit.runner.json).
    private static Timer? _limit;

    static RedisIsThereAttribute()
    {
        if (Environment.GetEnvironmentVariable(LogsVariable) is null)
            Environment.SetEnvironmentVariable(LogsVariable, Logs);
    }

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Reason is not null)
            Assert.Skip(Reason);
        var context = TestContext.Current;
        _limit = new Timer(_ => context.CancelCurrentTest(), null, Limit, Timeout.InfiniteTimeSpan);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        _limit?.Dispose();
        if (!Directory.Exists(Logs))
            return;
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            foreach (var log in Directory.EnumerateFiles(Logs, "*", SearchOption.AllDirectories).Order())
                TestContext.Current.TestOutputHelper?.WriteLine($"{Path.GetRelativePath(Logs, log)}:\n{string.Join('\n', File.ReadLines(log).TakeLast(LinesOfALog))}");
        }

        Directory.Delete(Logs, recursive: true);
    }
}
