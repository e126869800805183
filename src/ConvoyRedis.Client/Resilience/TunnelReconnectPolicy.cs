using StackExchange.Redis;

namespace ConvoyRedis.Client.Resilience;

/// <summary>
/// When StackExchange.Redis may reconnect on its own: never while a connect waits in the tunnel for the master, because a second one would
/// gain nothing; otherwise with exponential backoff and jitter.
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
