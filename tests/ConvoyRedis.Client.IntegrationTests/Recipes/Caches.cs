using Microsoft.AspNetCore.OutputCaching.StackExchangeRedis;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;

namespace ConvoyRedis.Client.IntegrationTests.Recipes;

/// <summary><c>IDistributedCache</c>, <c>HybridCache</c> above it, and the output cache of ASP.NET Core, all on the one connection.</summary>
internal static class Caches
{
    public static void AddCachesOnRedis(this IServiceCollection services, string application)
    {
        services.AddStackExchangeRedisCache(options => options.InstanceName = $"{application}:");
        services.AddOptions<RedisCacheOptions>().Configure<IConvoyRedisConnection>((options, redis) =>
            options.ConnectionMultiplexerFactory = () => redis.GetMultiplexerAsync());
        services.AddHybridCache();

        services.AddOutputCache();
        services.AddStackExchangeRedisOutputCache(options => options.InstanceName = $"{application}:output:");
        services.AddOptions<RedisOutputCacheOptions>().Configure<IConvoyRedisConnection>((options, redis) =>
            options.ConnectionMultiplexerFactory = () => redis.GetMultiplexerAsync());
    }
}
