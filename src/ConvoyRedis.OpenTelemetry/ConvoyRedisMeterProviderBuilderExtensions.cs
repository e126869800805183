using ConvoyRedis.Client;

namespace OpenTelemetry.Metrics;

/// <summary>The metrics of ConvoyRedis.Client.</summary>
public static class ConvoyRedisMeterProviderBuilderExtensions
{
    /// <summary>Collects the metrics of every connection; <c>docs/operations.md</c> lists them.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static MeterProviderBuilder AddConvoyRedisInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(ConvoyRedisTelemetry.MeterName);
    }
}
