using System.Collections.Concurrent;
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
    private const int LinesOfALog = 80;

    // A soak takes as long as it is told to.
    private static readonly TimeSpan Limit = new[] { "SOAK_RESULTS", "CHAOS_SECONDS" }.Any(name => Environment.GetEnvironmentVariable(name) is not null)
        ? Timeout.InfiniteTimeSpan : TimeSpan.FromMinutes(5);

    private static readonly string? Reason = RedisTopology.UnavailableReason;

    private static readonly string Logs = Path.Combine(Path.GetTempPath(), $"redis-logs-{Environment.ProcessId}");

    // Several tests run at the same time.
    private static readonly ConcurrentDictionary<string, Timer> Limits = [];

    static RedisIsThereAttribute()
    {
        var named = RedisTopology.LogsDirectory;
        RedisTopology.LogsDirectory = () => named() ?? (TestContext.Current.Test is { } test ? LogsOf(test.UniqueID) : null);
    }

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Reason is not null)
            Assert.Skip(Reason);
        var context = TestContext.Current;
        Limits[test.UniqueID] = new Timer(_ => context.CancelCurrentTest(), null, Limit, Timeout.InfiniteTimeSpan);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Limits.TryRemove(test.UniqueID, out var limit))
            limit.Dispose();
        var logs = LogsOf(test.UniqueID);
        if (!Directory.Exists(logs))
            return;
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            foreach (var log in Directory.EnumerateFiles(logs, "*", SearchOption.AllDirectories).Order())
                TestContext.Current.TestOutputHelper?.WriteLine($"{Path.GetRelativePath(logs, log)}:\n{string.Join('\n', File.ReadLines(log).TakeLast(LinesOfALog))}");
        }

        Directory.Delete(logs, recursive: true);
    }

    private static string LogsOf(string test) => $"{Logs}-{test}";
}
