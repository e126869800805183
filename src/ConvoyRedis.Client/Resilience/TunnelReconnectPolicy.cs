using StackExchange.Redis;

namespace ConvoyRedis.Client.Resilience;

/// <summary>
/// When StackExchange.Redis may dial anew by itself: never while a connect waits in the tunnel for the master, since a second one beside
/// it gains nothing; else with exponential backoff and jitter.
/// </summary>
internal sealed class TunnelReconnectPolicy(Func<bool> isWaiting) : IReconnectRetryPolicy
{
    private const int FirstMilliseconds = 250;
    private const int LongestMilliseconds = 5_000;

    private readonly ExponentialRetry _backoff = new(FirstMilliseconds, LongestMilliseconds);

    /// <inheritdoc />
    public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry) =>
        !isWaiting() && _backoff.ShouldRetry(currentRetryCount, timeElapsedMillisecondsSinceLastRetry);
}
