using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.DependencyInjection;

/// <summary>A registration without arguments reads the variables of the process, which all tests share.</summary>
[Trait("Alone", "process")]
public sealed class ProcessEnvironmentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddConvoyRedis_Plain_ReadsTheEnvironmentOfTheProcess()
    {
        await using var redis = await StandaloneRedis.StartAsync(new StandaloneOptions { Password = "secret" }, Token);
        foreach (var (name, value) in redis.EnvironmentVariables)
            Environment.SetEnvironmentVariable(name, value);
        try
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Services.AddConvoyRedis();
            using var host = builder.Build();
            await host.StartAsync(Token);
            await host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().StringSetAsync("key", "value");
            Assert.Equal("value", (await redis.Server.ExecuteAsync("GET", "key")).Text);
        }
        finally
        {
            foreach (var name in redis.EnvironmentVariables.Keys)
                Environment.SetEnvironmentVariable(name, null);
        }
    }
}
