using System.Diagnostics;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.DependencyInjection;

/// <summary>The registrations, each in a host as a service has one.</summary>
public sealed class AddConvoyRedisTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddConvoyRedis_Configuration_ReadsItsSection()
    {
        await using var redis = await StandaloneRedis.StartAsync(new StandaloneOptions { Password = "secret" }, Token);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["redis:Host"] = redis.Server.Host,
            ["redis:port"] = $"{redis.Server.Port}",
            ["redis:password"] = "secret",
        }).Build();

        using var host = await StartAsync(services => services.AddConvoyRedis(configuration.GetSection("redis")));

        await AssertLeadsToAsync(redis, host.Services.GetRequiredService<IConnectionMultiplexer>());
    }

    [Fact]
    public async Task AddConvoyRedis_Delegate_WinsOverTheRest()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);

        using var host = await StartAsync(services => services.AddConvoyRedis(options =>
            (options.Scheme, options.Host, options.Port) = ("redis", redis.Server.Host, redis.Server.Port)));

        await AssertLeadsToAsync(redis, host.Services.GetRequiredService<IConnectionMultiplexer>());
    }

    [Fact]
    public async Task AddKeyedConvoyRedis_TwoDeployments_LiveSideBySide()
    {
        await using var orders = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var limits = await SentinelTopology.StartAsync(cancellationToken: Token);

        using var host = await StartAsync(services =>
        {
            services.AddKeyedConvoyRedis("orders", Deployment.Sources(orders.EnvironmentVariables));
            services.AddKeyedConvoyRedis("limits", Deployment.Sources(limits.EnvironmentVariables));
        });

        await AssertLeadsToAsync(orders, host.Services.GetRequiredKeyedService<IConnectionMultiplexer>("orders"));
        await AssertLeadsToAsync(limits, host.Services.GetRequiredKeyedService<IConnectionMultiplexer>("limits"));
        Assert.Null(host.Services.GetService<IConnectionMultiplexer>());
        Assert.Equal(ConvoyRedisTopology.Sentinel, host.Services.GetRequiredKeyedService<IConvoyRedisConnection>("limits").Target.Topology);
    }

    [Fact]
    public async Task AddConvoyRedis_Twice_IsOneConnectionWithBothChanges()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);

        using var host = await StartAsync(services =>
        {
            services.AddConvoyRedis(Deployment.Sources(redis.EnvironmentVariables));
            services.AddConvoyRedis(Deployment.Sources(redis.EnvironmentVariables), options => options.ClientName = "twice");
        });

        await AssertLeadsToAsync(redis, host.Services.GetRequiredService<IConnectionMultiplexer>());
        Assert.Contains("name=twice", (await redis.Server.ExecuteAsync("CLIENT", "LIST")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_NobodyAnswers_DoesNotBlock()
    {
        var began = Stopwatch.GetTimestamp();
        using var host = await StartAsync(services => services.AddConvoyRedis(
            Deployment.Sources(new Dictionary<string, string> { ["CONVOY_REDIS_PORT"] = "1" })));

        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(5));
        Assert.Equal(ConvoyRedisPhase.Locating, host.Services.GetRequiredService<IConvoyRedisConnection>().Phase);
    }

    [Fact]
    public async Task StartAsync_RedisComesLater_ConnectsInTheBackground()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await redis.Server.KillAsync();
        using var host = await Deployment.StartHostAsync(redis, Token);

        await redis.Server.RestartAsync(Token);

        await AssertLeadsToAsync(redis, await host.Services.GetRequiredService<IConvoyRedisConnection>().GetMultiplexerAsync(Token));
    }

    [Fact]
    public async Task StartAsync_WrongSettings_TellsEveryProblem()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(services => services.AddConvoyRedis(
            Deployment.Sources(new Dictionary<string, string>
            {
                ["CONVOY_REDIS_SCHEME"] = "redis-sentinel",
                ["CONVOY_REDIS_PORT"] = "0",
                ["CONVOY_REDIS_TLS_CA_CERT_FILE"] = "/there/is/no/such.pem",
            }))));

        Assert.All((string[])["CONVOY_REDIS_PORT", "CONVOY_REDIS_SENTINEL_MASTER_NAME", "/there/is/no/such.pem"],
            mention => Assert.Contains(mention, exception.Message, StringComparison.Ordinal));
    }

    private static async Task<IHost> StartAsync(Action<IServiceCollection> register)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        register(builder.Services);
        var host = builder.Build();
        await host.StartAsync(Token);
        return host;
    }

    private static async Task AssertLeadsToAsync(RedisTopology topology, IConnectionMultiplexer multiplexer)
    {
        var key = $"key:{Guid.NewGuid()}";
        await multiplexer.GetDatabase().StringSetAsync(key, "value");
        Assert.Equal("value", (await topology.Servers.First().ExecuteAsync("GET", key)).Text);
    }
}
