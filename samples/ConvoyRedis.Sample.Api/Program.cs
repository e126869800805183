// A service on Redis, by the CONVOY_REDIS_* variables or convoy.json beside it: it counts events, caches, limits
// a rate, says whether it is ready, and is scraped.
using ConvoyRedis.Client;
using ConvoyRedis.Sample.Api;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using OpenTelemetry.Metrics;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddConvoyRedis();
builder.Services.AddHealthChecks().AddConvoyRedis();
builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics => metrics.AddMeter(ConvoyRedisTelemetry.MeterName).AddPrometheusExporter());

builder.Services.AddStackExchangeRedisCache(options => options.InstanceName = "sample:");
builder.Services.AddOptions<RedisCacheOptions>().Configure<IConvoyRedisConnection>((options, redis) =>
    options.ConnectionMultiplexerFactory = () => redis.GetMultiplexerAsync());
builder.Services.AddSingleton(provider => new TokenBucket(provider.GetRequiredService<IConnectionMultiplexer>(), capacity: 20, tokensPerSecond: 10));

var app = builder.Build();
app.MapPost("/events", (IConnectionMultiplexer redis) => redis.GetDatabase().StringIncrementAsync("events"));
app.MapGet("/events", async (IConnectionMultiplexer redis) => (long)await redis.GetDatabase().StringGetAsync("events"));
app.MapGet("/now", async (IDistributedCache cache) =>
{
    if (await cache.GetStringAsync("now") is { } cached)
        return cached;
    var now = DateTimeOffset.UtcNow.ToString("O");
    await cache.SetStringAsync("now", now, new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
    return now;
});
app.MapPost("/limited/{caller}", async (string caller, TokenBucket bucket) =>
    await bucket.TryTakeAsync(caller) ? Results.Ok() : Results.StatusCode(StatusCodes.Status429TooManyRequests));
app.MapHealthChecks("/ready", new HealthCheckOptions
{
    Predicate = check => check.Tags.Contains("ready"),
    ResponseWriter = (context, report) => context.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString(),
        checks = report.Entries.ToDictionary(entry => entry.Key, entry => new { entry.Value.Description, entry.Value.Data }),
    }),
});
app.MapPrometheusScrapingEndpoint();
await app.RunAsync();
