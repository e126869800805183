using ConvoyRedis.Client;

namespace OpenTelemetry.Trace;

/// <summary>The traces of ConvoyRedis.Client.</summary>
public static class ConvoyRedisTracerProviderBuilderExtensions
{
    /// <summary>Collects a span for each connect and for each failover; the library has none for commands.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static TracerProviderBuilder AddConvoyRedisInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(ConvoyRedisTelemetry.ActivitySourceName);
    }
}
