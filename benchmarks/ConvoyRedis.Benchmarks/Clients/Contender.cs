using ConvoyRedis.Client;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>A client that is measured.</summary>
/// <param name="Id">What its process is started with.</param>
/// <param name="Name">What the tables call it.</param>
/// <param name="Package">The package that its version is told of.</param>
/// <param name="ConnectAsync">How it connects; null for one from npm, whose process is Npm/client.mjs.</param>
/// <param name="NeedsSentinels">Whether it differs from the one before it only where there are sentinels.</param>
internal sealed record Contender(
    string Id, string Name, string Package, Func<Deployment, Task<IBenchmarkClient>>? ConnectAsync, bool NeedsSentinels = false)
{
    public static IReadOnlyList<Contender> All { get; } =
    [
        new("eager", "ConvoyRedis.Client", "ConvoyRedis.Client", deployment => ConvoyRedisClient.ConnectAsync(deployment, FailoverMode.Eager)),
        new(
            "announced", "ConvoyRedis.Client, announced", "ConvoyRedis.Client",
            deployment => ConvoyRedisClient.ConnectAsync(deployment, FailoverMode.Announced), NeedsSentinels: true),
        new("stackexchange", "StackExchange.Redis", "StackExchange.Redis", deployment => StackExchangeClient.ConnectAsync(deployment, isTuned: false)),
        new("stackexchange-tuned", "StackExchange.Redis, tuned", "StackExchange.Redis", deployment => StackExchangeClient.ConnectAsync(deployment, isTuned: true)),
        new("freeredis", "FreeRedis", "FreeRedis", FreeRedisClient.ConnectAsync),
        new("csredis", "CSRedisCore", "CSRedisCore", CsRedisClient.ConnectAsync),
        new("ioredis", "ioredis", "ioredis", null),
        new("redis", "node-redis", "redis", null),
    ];

    /// <summary>Whether this is the library whose benchmark it is.</summary>
    public bool IsOurs => Package == "ConvoyRedis.Client";

    /// <summary>Whether it is measured on such a deployment.</summary>
    public bool Meets(DeploymentKind kind) => kind == DeploymentKind.Sentinel || !NeedsSentinels;
}
