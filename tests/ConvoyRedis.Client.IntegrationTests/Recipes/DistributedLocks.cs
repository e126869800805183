using Medallion.Threading;
using Medallion.Threading.Redis;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Recipes;

/// <summary>
/// Locks that several processes respect. A lock on one master is a convenience, not a proof: one that was granted in the moment before a crash may
/// not have been copied to the next master. What must never happen twice needs a fencing token or an idempotent effect.
/// </summary>
internal static class DistributedLocks
{
    public static void AddLocksOnRedis(this IServiceCollection services) =>
        services.AddSingleton<IDistributedLockProvider>(provider =>
            new RedisDistributedSynchronizationProvider(provider.GetRequiredService<IConnectionMultiplexer>().GetDatabase()));
}
