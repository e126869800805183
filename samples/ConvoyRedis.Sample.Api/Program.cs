// A service on Redis, by the CONVOY_REDIS_* variables or convoy.json beside it: it counts events, says whether it is ready, and is scraped.
using ConvoyRedis.Client;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using OpenTelemetry.Metrics;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddConvoyRedis();
builder.Services.AddHealthChecks().AddConvoyRedis();
builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics => metrics.AddMeter(ConvoyRedisTelemetry.MeterName).AddPrometheusExporter());

var app = builder.Build();
app.MapPost("/events", (IConnectionMultiplexer redis) => redis.GetDatabase().StringIncrementAsync("events"));
app.MapGet("/events", async (IConnectionMultiplexer redis) => (long)await redis.GetDatabase().StringGetAsync("events"));
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
