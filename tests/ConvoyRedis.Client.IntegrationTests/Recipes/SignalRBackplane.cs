using Microsoft.AspNetCore.SignalR.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Recipes;

/// <summary>Messages of SignalR hubs reach the clients of every instance. What is published while the master is away is not kept: pub/sub.</summary>
internal static class SignalRBackplane
{
    public static void AddSignalROnRedis(this IServiceCollection services, string application)
    {
        services.AddSignalR().AddStackExchangeRedis();
        services.AddOptions<RedisOptions>().Configure<IConvoyRedisConnection>((options, redis) =>
        {
            options.Configuration.ChannelPrefix = RedisChannel.Literal(application);
            options.ConnectionFactory = async _ => await redis.GetMultiplexerAsync();
        });
    }
}
