using Polly;
using Polly.Retry;
using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>
/// A Polly pipeline that repeats work of several commands, so the work must be safe to repeat. <c>AddConvoyRedis</c> puts it into Polly's registry:
/// <c>provider.GetRequiredService&lt;ResiliencePipelineProvider&lt;string&gt;&gt;().GetPipeline(ConvoyRedisResilience.PipelineName)</c>. For single
/// commands, use <c>db.WithRetry()</c>, which knows what may be repeated.
/// </summary>
public static class ConvoyRedisResilience
{
    /// <summary>The pipeline's key in the registry.</summary>
    public const string PipelineName = "convoy-redis";

    /// <summary>
    /// The maximum number of repetitions. The pauses add up to 2 to 4 s, longer than an election, during which a cluster refuses
    /// all commands (CLUSTERDOWN). In addition, each attempt may wait for <c>command_timeout</c>.
    /// </summary>
    public const int MaxRetryAttempts = 8;

    /// <summary>The pause before the first repetition, before jitter; each further one is twice as long.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(1);

    internal static void Configure(ResiliencePipelineBuilder builder) => builder.AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder()
            .Handle<RedisConnectionException>()
            .Handle<RedisServerException>(error => IsOfAFailover(error.Kind))
            .Handle<ConvoyRedisConnectionException>(fault => !fault.IsFinal),
        MaxRetryAttempts = MaxRetryAttempts,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = Delay,
        MaxDelay = MaxDelay,
    });

    private static bool IsOfAFailover(RedisErrorKind kind) =>
        kind is RedisErrorKind.ReadOnly or RedisErrorKind.MasterDown or RedisErrorKind.Loading or RedisErrorKind.ClusterDown or RedisErrorKind.TryAgain;
}
