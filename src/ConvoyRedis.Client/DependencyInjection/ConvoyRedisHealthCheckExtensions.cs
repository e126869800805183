using ConvoyRedis.Client;
using ConvoyRedis.Client.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers health checks for connections that <c>AddConvoyRedis</c> registered.</summary>
public static class ConvoyRedisHealthCheckExtensions
{
    private static readonly string[] Tags = ["ready", "redis"];

    /// <summary>
    /// Adds a health check, with the tags <c>ready</c> and <c>redis</c>. Healthy: the master accepts writes. Degraded: either the master accepts
    /// writes, but something is wrong that may end this (a sentinel, a replica or the quorum is missing, a replica lags by more than 30 s, memory is
    /// above 80 % of <c>maxmemory</c>, persistence fails), or there is a failover and callers still wait for it. Unhealthy: callers cannot write. The
    /// data contains <c>master</c>, <c>phase</c>, <c>epoch</c>, <c>latency_ms</c>, <c>last_failover</c> and <c>findings</c>. The check takes at most
    /// 2 s.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="key">The key of a keyed registration; null for the plain one.</param>
    /// <param name="name">The check's name; null for <c>redis</c>, or <c>redis:</c> and the key.</param>
    /// <param name="grace">How long a failover may take before it counts as unhealthy; null for <c>command_timeout</c>.</param>
    /// <param name="failureStatus">The status to report instead of unhealthy; null for unhealthy.</param>
    public static IHealthChecksBuilder AddConvoyRedis(
        this IHealthChecksBuilder builder, string? key = null, string? name = null, TimeSpan? grace = null, HealthStatus? failureStatus = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        name ??= key is null ? "redis" : $"redis:{key}";

        // One for good: it remembers when it last succeeded.
        builder.Services.AddKeyedSingleton(name, (provider, _) => new ConvoyRedisHealthCheck(
            key is null ? provider.GetRequiredService<ConvoyRedisConnection>() : provider.GetRequiredKeyedService<ConvoyRedisConnection>(key),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            grace));
        return builder.Add(new HealthCheckRegistration(
            name, provider => provider.GetRequiredKeyedService<ConvoyRedisHealthCheck>(name), failureStatus, Tags));
    }
}
