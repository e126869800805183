using System.Diagnostics.Metrics;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Configuration;
using ConvoyRedis.Client.DependencyInjection;
using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Registers connections to Redis. Each registration gives, as singletons, an <see cref="IConnectionMultiplexer"/>, an <see
/// cref="IConvoyRedisConnection"/> and validated <see cref="ConvoyRedisOptions"/>. It connects in the background when the host starts. Until it is
/// connected, resolving <see cref="IConnectionMultiplexer"/> blocks the thread, for at most <see cref="ConvoyRedisTarget.CommandTimeout"/>, even when
/// many threads resolve it at the same time. Other services can be resolved meanwhile. <see cref="IConvoyRedisConnection.GetMultiplexerAsync"/> does
/// not block.
/// </summary>
public static class ConvoyRedisServiceCollectionExtensions
{
    /// <summary>Registers the connection that ./convoy.json and the <c>CONVOY_REDIS_*</c> variables describe.</summary>
    /// <param name="services">The services.</param>
    public static IConvoyRedisBuilder AddConvoyRedis(this IServiceCollection services) =>
        services.AddConvoyRedis(new ConvoyRedisSources());

    /// <summary>
    /// Registers the connection that ./convoy.json and the <c>CONVOY_REDIS_*</c> variables describe, with changes by code, which override both.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options. It runs again each time the settings are checked for changes, every 2 s.</param>
    public static IConvoyRedisBuilder AddConvoyRedis(this IServiceCollection services, Action<ConvoyRedisOptions> configure) =>
        services.AddConvoyRedis(new ConvoyRedisSources(), configure);

    /// <summary>Registers the connection that the given sources describe: another file, or command-line flags as well.</summary>
    /// <param name="services">The services.</param>
    /// <param name="sources">Where the settings come from.</param>
    /// <param name="configure">Changes the options, or null.</param>
    public static IConvoyRedisBuilder AddConvoyRedis(
        this IServiceCollection services, ConvoyRedisSources sources, Action<ConvoyRedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return services.AddPlain(options => options.LoadFrom(sources), configure);
    }

    /// <summary>Registers the connection that a configuration section describes; file and environment are not read.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section with Convoy's keys, for example <c>configuration.GetSection("redis")</c>.</param>
    /// <param name="configure">Changes the options, or null.</param>
    public static IConvoyRedisBuilder AddConvoyRedis(
        this IServiceCollection services, IConfiguration section, Action<ConvoyRedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddPlain(options => options.LoadFrom(section), configure);
    }

    /// <summary>
    /// Registers one of several connections by a key, with settings from code only. Neither file nor environment is read, because they describe the
    /// deployment of the plain registration. To read them as well, use the overload with <see cref="ConvoyRedisSources"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="key">The key for <c>[FromKeyedServices]</c>.</param>
    /// <param name="configure">Sets the options.</param>
    public static IConvoyRedisBuilder AddKeyedConvoyRedis(this IServiceCollection services, string key, Action<ConvoyRedisOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddKeyed(key, _ => { }, configure);
    }

    /// <summary>Registers one of several connections by a key, with settings from the given sources.</summary>
    /// <param name="services">The services.</param>
    /// <param name="key">The key for <c>[FromKeyedServices]</c>.</param>
    /// <param name="sources">Where the settings come from.</param>
    /// <param name="configure">Changes the options, or null.</param>
    public static IConvoyRedisBuilder AddKeyedConvoyRedis(
        this IServiceCollection services, string key, ConvoyRedisSources sources, Action<ConvoyRedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return services.AddKeyed(key, options => options.LoadFrom(sources), configure);
    }

    /// <summary>Registers one of several connections by a key, with settings from a configuration section.</summary>
    /// <param name="services">The services.</param>
    /// <param name="key">The key for <c>[FromKeyedServices]</c>.</param>
    /// <param name="section">The section with Convoy's keys.</param>
    /// <param name="configure">Changes the options, or null.</param>
    public static IConvoyRedisBuilder AddKeyedConvoyRedis(
        this IServiceCollection services, string key, IConfiguration section, Action<ConvoyRedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddKeyed(key, options => options.LoadFrom(section), configure);
    }

    private static ConvoyRedisBuilder AddPlain(
        this IServiceCollection services, Action<ConvoyRedisOptions> load, Action<ConvoyRedisOptions>? configure)
    {
        if (services.AddOptionsFor(Options.Options.DefaultName, load, configure))
        {
            services.TryAddSingleton(provider => Connection(provider, Options.Options.DefaultName));
            services.TryAddSingleton<IConvoyRedisConnection>(provider => provider.GetRequiredService<ConvoyRedisConnection>());
            services.TryAddSingleton(provider => Multiplexer(provider.GetRequiredService<ConvoyRedisConnection>()));
            services.AddSingleton<IHostedService>(
                provider => new ConvoyRedisConnector(provider.GetRequiredService<ConvoyRedisConnection>()));
        }

        return new ConvoyRedisBuilder(Options.Options.DefaultName, services);
    }

    private static ConvoyRedisBuilder AddKeyed(
        this IServiceCollection services, string key, Action<ConvoyRedisOptions> load, Action<ConvoyRedisOptions>? configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (services.AddOptionsFor(key, load, configure))
        {
            services.TryAddKeyedSingleton(key, (provider, _) => Connection(provider, key));
            services.TryAddKeyedSingleton<IConvoyRedisConnection>(
                key, (provider, _) => provider.GetRequiredKeyedService<ConvoyRedisConnection>(key));
            services.TryAddKeyedSingleton(key, (provider, _) => Multiplexer(provider.GetRequiredKeyedService<ConvoyRedisConnection>(key)));
            services.AddSingleton<IHostedService>(
                provider => new ConvoyRedisConnector(provider.GetRequiredKeyedService<ConvoyRedisConnection>(key)));
        }

        return new ConvoyRedisBuilder(key, services);
    }

    // Returns whether this is the first registration of that name; a further one adds to its options, and to nothing else.
    private static bool AddOptionsFor(
        this IServiceCollection services, string name, Action<ConvoyRedisOptions> load, Action<ConvoyRedisOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider => new Instruments(provider.GetService<IMeterFactory>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ConvoyRedisOptions>, ConvoyRedisOptionsValidator>());
        var options = services.AddOptions<ConvoyRedisOptions>(name).Configure(load).ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        if (services.All(service => service.ServiceType != typeof(ConvoyRedisConnection)))
            services.AddResiliencePipeline(ConvoyRedisResilience.PipelineName, ConvoyRedisResilience.Configure);
        var isFirst = !services.Any(service => service.ServiceType == typeof(ConvoyRedisConnection)
            && (service.ServiceKey as string ?? Options.Options.DefaultName) == name);
        return isFirst;
    }

    private static ConvoyRedisConnection Connection(IServiceProvider provider, string name) => new(
        provider.GetRequiredService<IOptionsMonitor<ConvoyRedisOptions>>().Get(name).Resolve(),
        provider.GetService<ILoggerFactory>(),
        provider.GetService<TimeProvider>(),
        provider.GetRequiredService<Instruments>(),
        () => provider.GetRequiredService<IOptionsFactory<ConvoyRedisOptions>>().Create(name),
        provider.GetKeyedService<IConvoyRedisCredentialProvider>(name));

    // A synchronous factory can only block. Nothing that it waits for continues in the caller's context, and it is bounded.
    private static IConnectionMultiplexer Multiplexer(ConvoyRedisConnection connection) =>
        connection.GetMultiplexerInTurnAsync().GetAwaiter().GetResult();
}
