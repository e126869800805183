using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Recipes;

/// <summary>The keys that protect cookies and tokens, shared by all instances of a service.</summary>
internal static class DataProtectionKeys
{
    public static void AddDataProtectionOnRedis(this IServiceCollection services, string application)
    {
        services.AddDataProtection().SetApplicationName(application);
        services.AddOptions<KeyManagementOptions>().Configure<IConnectionMultiplexer>((options, redis) =>
            options.XmlRepository = new RedisXmlRepository(() => redis.GetDatabase(), $"data-protection:{application}"));
    }
}
