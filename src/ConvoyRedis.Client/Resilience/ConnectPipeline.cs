using Polly;
using Polly.Retry;

namespace ConvoyRedis.Client.Resilience;

/// <summary>
/// The first connection: retried with exponential backoff and jitter while somebody waits for it, unless retrying is
/// pointless (wrong password, refused certificate, unknown master name).
/// </summary>
internal static class ConnectPipeline
{
    /// <summary>The pause after the first failure, before jitter.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public static ResiliencePipeline Create(Action<ConvoyRedisConnectionException, TimeSpan> failed, TimeProvider time) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<ConvoyRedisConnectionException>(fault => !fault.IsFinal),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstPause,
                MaxDelay = LongestPause,
                OnRetry = retry =>
                {
                    failed((ConvoyRedisConnectionException)retry.Outcome.Exception!, retry.RetryDelay);
                    return default;
                },
            })
            .Build();
}
