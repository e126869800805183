using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.Resilience;

/// <summary>
/// The policy of <c>db.WithRetry()</c>: a command that failed because the master was lost is retried soon, and then waits for the next
/// master like any command. StackExchange.Redis knows which commands were never applied, and which are safe to repeat; others
/// are not retried.
/// </summary>
internal static class FailoverRetry
{
    /// <summary>Behind sentinels, or with one server: the attempts at one command, the first one included.</summary>
    public const int Attempts = 4;

    /// <summary>In a cluster: the pauses between them are 3.5 s at the least, more than the first election takes.</summary>
    public const int ClusterAttempts = 8;

    /// <summary>The pause before another attempt, and the most that jitter adds to it.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// In a cluster, where only the commands for the dead master wait for the next one. A replica starts its election 0.5 to 1 s after the master is marked
    /// as failed (Redis's cluster specification); until it has been elected, every node refuses every other command (CLUSTERDOWN).
    /// </summary>
    public static readonly TimeSpan ClusterPause = TimeSpan.FromMilliseconds(500);

    public static RetryPolicy Policy { get; } = Create(Attempts, Pause);

    public static RetryPolicy ClusterPolicy { get; } = Create(ClusterAttempts, ClusterPause);

    private static RetryPolicy Create(int attempts, TimeSpan pause) =>
        new RetryPolicy.Builder { MaxAttempts = attempts, RetryDelay = pause, JitterMax = pause }.Create();
}
