using System.Diagnostics;
using ConvoyRedis.Testing;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace ConvoyRedis.Client.IntegrationTests.Recipes;

/// <summary>What the docs quote works.</summary>
public sealed class RecipeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RedisCommandSpans_CommandsOfARequest_AreSpansUnderIt()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(redis.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var spans = new List<Activity>();
        using var tracer = Sdk.CreateTracerProviderBuilder().AddSource(RedisCommandSpans.SourceName).AddSource("requests").AddInMemoryExporter(spans).Build();
        using var requests = new ActivitySource("requests");
        using var recipe = new RedisCommandSpans(multiplexer);
        await recipe.StartAsync(Token);

        using (var request = requests.StartActivity("request"))
        {
            await multiplexer.GetDatabase().StringSetAsync("key", "value");
            await multiplexer.GetDatabase().StringGetAsync("key");
        }

        await recipe.StopAsync(Token);
        var parent = Assert.Single(spans, span => span.OperationName == "request");
        var commands = spans.Where(span => span.Source.Name == RedisCommandSpans.SourceName).OrderBy(span => span.StartTimeUtc).ToList();
        Assert.Equal(["SET", "GET"], commands.Select(span => span.OperationName));
        Assert.All(commands, span => Assert.Equal(parent.SpanId, span.ParentSpanId));
        Assert.All(commands, span => Assert.InRange(span.Duration, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(10)));
    }
}
