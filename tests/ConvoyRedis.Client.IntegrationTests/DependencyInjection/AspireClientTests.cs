using ConvoyRedis.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.DependencyInjection;

/// <summary>AddConvoyRedisClient: by the connection string of an app host, and by the conventions of .NET Aspire.</summary>
public sealed class AspireClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_ConnectionStringOfTheAppHost_ConnectsWithHealthCheckAndTelemetry()
    {
        await using var redis = await StandaloneRedis.StartAsync(new StandaloneOptions { Password = "pw=1" }, Token);
        var builder = Builder(("ConnectionStrings:cache", $"{redis.Server.Address},password=pw=1"), ("ConvoyRedis:cache:Options:client_name", "orders"));
        builder.AddConvoyRedisClient("cache");
        using var host = builder.Build();
        await host.StartAsync(Token);

        Assert.True(await host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().StringSetAsync("key", "value"));

        Assert.Contains("name=orders", (await redis.Server.ExecuteAsync("CLIENT", "LIST")).Text, StringComparison.Ordinal);
        var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        Assert.Equal(HealthStatus.Healthy, health.Entries["redis"].Status);
        Assert.All((Type[])[typeof(TracerProvider), typeof(MeterProvider)], type => Assert.NotNull(host.Services.GetService(type)));
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task KeyedClient_WithSentinels_IsAConnectionOfItsOwn()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var sentinels = string.Join(',', topology.Sentinels.Select(sentinel => sentinel.Address));
        var builder = Builder(("ConnectionStrings:orders", $"{sentinels},serviceName={topology.Options.MasterName},password={topology.Options.Password}"));
        builder.AddKeyedConvoyRedisClient("orders", settings => settings.DisableHealthChecks = true);
        using var host = builder.Build();
        await host.StartAsync(Token);

        var connection = host.Services.GetRequiredKeyedService<IConvoyRedisConnection>("orders");
        await connection.GetMultiplexerAsync(Token);

        Assert.Equal((await topology.GetMasterAsync(Token)).Address, $"{connection.Master}");
        Assert.Null(host.Services.GetService<IConnectionMultiplexer>());
        Assert.Null(host.Services.GetService<HealthCheckService>());
        await host.StopAsync(Token);
    }

    [Theory]
    [InlineData("cache-1:7000,password=x,user=me,ssl=true,sslHost=cache.example,defaultDatabase=3", "TLS", "cache-1:7000")]
    [InlineData("cache-1,cache-2:7000", "Cluster", "cache-1:6379", "cache-2:7000")]
    [InlineData("[::1]:7001,password=x", "Standalone [::1]:7001")]
    [InlineData("rediss://:x@cache.example:6380/2", "Standalone over TLS cache.example:6380")]
    [InlineData("redis-sentinel://s1,s2/0?master=mymaster", "Sentinel s1:26379,s2:26379 master mymaster")]
    public void ConnectionString_OfEachForm_GivesConvoysSettings(string text, params string[] parts)
    {
        var builder = Builder(("ConvoyRedis:cache:ConnectionString", text));
        builder.AddConvoyRedisClient("cache");
        using var host = builder.Build();

        var target = host.Services.GetRequiredService<IOptions<ConvoyRedisOptions>>().Value.Resolve();

        var shown = $"{target} {(target.Tls ? "TLS" : "")} {string.Join(' ', target.Endpoints)}";
        Assert.All(parts, part => Assert.Contains(part, shown, StringComparison.Ordinal));
        if (text.Contains("sslHost", StringComparison.Ordinal))
            Assert.Equal(("me", "x", "cache.example", 3), (target.Username, target.Password, target.TlsServerName, target.Database));
        Assert.Empty(target.Warnings);
    }

    [Fact]
    public void Telemetry_Disabled_IsNotThere()
    {
        var builder = Builder(
            ("ConnectionStrings:cache", "cache:6379"), ("ConvoyRedis:DisableTracing", "true"), ("ConvoyRedis:cache:DisableMetrics", "true"));
        builder.AddConvoyRedisClient("cache", configureOptions: options => options.ClientName = "by-code");
        using var host = builder.Build();

        Assert.Null(host.Services.GetService<TracerProvider>());
        Assert.Null(host.Services.GetService<MeterProvider>());
        Assert.Equal("by-code", host.Services.GetRequiredService<IOptions<ConvoyRedisOptions>>().Value.Resolve().ClientName);
    }

    [Fact]
    public void ConnectionString_Missing_SaysWhereItBelongs()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Builder().AddConvoyRedisClient("cache"));

        Assert.Contains("'ConnectionStrings:cache'", error.Message, StringComparison.Ordinal);
    }

    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)));
        return builder;
    }
}
