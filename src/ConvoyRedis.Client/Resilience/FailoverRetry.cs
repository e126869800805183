using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.Resilience;

/// <summary>
/// What <c>db.WithRetry()</c> does: a command that failed because the master went away is tried again soon, and then waits for the next
/// master as any command does. StackExchange.Redis knows which commands were never applied, and which may be repeated all the same; others
/// are not.
/// </summary>
internal static class FailoverRetry
{
    /// <summary>The attempts at one command, the first one included.</summary>
    public const int Attempts = 4;

    /// <summary>The pause before another attempt, and the most that jitter adds to it.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static RetryPolicy Policy { get; } = new RetryPolicy.Builder { MaxAttempts = Attempts, RetryDelay = Pause, JitterMax = Pause }.Create();
}
