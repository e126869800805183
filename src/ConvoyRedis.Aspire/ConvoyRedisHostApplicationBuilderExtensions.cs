using ConvoyRedis.Aspire;
using ConvoyRedis.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>Connects a service of .NET Aspire to a Redis of its app host.</summary>
public static class ConvoyRedisHostApplicationBuilderExtensions
{
    private const string SectionName = "ConvoyRedis";

    private static readonly ConvoyRedisSources Nowhere = new() { ConvoyJsonPath = null, Environment = new Dictionary<string, string?>() };

    /// <summary>
    /// Registers <c>IConnectionMultiplexer</c> and <see cref="IConvoyRedisConnection"/> for the Redis that the app host calls
    /// <paramref name="connectionName"/>, with a health check, metrics and traces. Convoy's settings are read from <c>ConvoyRedis:{name}:Options</c>.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="connectionName">The name in the app host: the connection string is <c>ConnectionStrings:{name}</c>.</param>
    /// <param name="configureSettings">Changes what is set up, or null.</param>
    /// <param name="configureOptions">Changes Convoy's settings, or null.</param>
    /// <exception cref="InvalidOperationException">There is neither a connection string nor a section with options.</exception>
    public static IConvoyRedisBuilder AddConvoyRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<ConvoyRedisClientSettings>? configureSettings = null,
        Action<ConvoyRedisOptions>? configureOptions = null) => builder.Add(connectionName, key: null, configureSettings, configureOptions);

    /// <summary>Like <c>AddConvoyRedisClient</c>, as one of several connections: the services have <paramref name="name"/> as their key.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="name">The key, and the name in the app host.</param>
    /// <param name="configureSettings">Changes what is set up, or null.</param>
    /// <param name="configureOptions">Changes Convoy's settings, or null.</param>
    /// <exception cref="InvalidOperationException">There is neither a connection string nor a section with options.</exception>
    public static IConvoyRedisBuilder AddKeyedConvoyRedisClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<ConvoyRedisClientSettings>? configureSettings = null,
        Action<ConvoyRedisOptions>? configureOptions = null) => builder.Add(name, key: name, configureSettings, configureOptions);

    private static IConvoyRedisBuilder Add(
        this IHostApplicationBuilder builder,
        string name,
        string? key,
        Action<ConvoyRedisClientSettings>? configureSettings,
        Action<ConvoyRedisOptions>? configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var section = builder.Configuration.GetSection($"{SectionName}:{name}");
        var settings = new ConvoyRedisClientSettings();
        builder.Configuration.GetSection(SectionName).Bind(settings);
        section.Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(name) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        var options = section.GetSection("Options");
        if (string.IsNullOrEmpty(settings.ConnectionString) && !options.Exists() && configureOptions is null)
        {
            throw new InvalidOperationException(
                $"The connection string is missing: set 'ConnectionStrings:{name}', 'ConnectionString' in the section '{section.Path}', or Convoy's settings in "
                + $"'{options.Path}'.");
        }

        void Configure(ConvoyRedisOptions target)
        {
            if (!string.IsNullOrEmpty(settings.ConnectionString))
                ConnectionString.Apply(settings.ConnectionString, target);
            configureOptions?.Invoke(target);
        }

        // A section that is not there would be warned of.
        var registered = (key, options.Exists()) switch
        {
            (null, true) => builder.Services.AddConvoyRedis(options, Configure),
            (null, false) => builder.Services.AddConvoyRedis(Nowhere, Configure),
            (_, true) => builder.Services.AddKeyedConvoyRedis(key, options, Configure),
            _ => builder.Services.AddKeyedConvoyRedis(key, Configure),
        };
        if (!settings.DisableHealthChecks)
            builder.Services.AddHealthChecks().AddConvoyRedis(key);
        if (!settings.DisableTracing)
            builder.Services.AddOpenTelemetry().WithTracing(traces => traces.AddConvoyRedisInstrumentation());
        if (!settings.DisableMetrics)
            builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddConvoyRedisInstrumentation());
        return registered;
    }
}
