using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Tests;

/// <summary>Starts a host as a service does: AddConvoyRedis, and nothing but environment variables.</summary>
internal static class Deployment
{
    public static async Task<IHost> StartHostAsync(
        IReadOnlyDictionary<string, string> variables, FakeLogCollector? logs = null, CancellationToken cancellationToken = default)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddConvoyRedis(Sources(variables));
        if (logs is not null)
            builder.Logging.AddProvider(new FakeLoggerProvider(logs)).SetMinimumLevel(LogLevel.Debug);
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return host;
    }

    public static Task<IHost> StartHostAsync(RedisTopology topology, CancellationToken cancellationToken) =>
        StartHostAsync(topology.EnvironmentVariables, cancellationToken: cancellationToken);

    /// <summary>The environment of a process that has these variables and no others, and no convoy.json.</summary>
    public static ConvoyRedisSources Sources(IReadOnlyDictionary<string, string> variables) => new()
    {
        ConvoyJsonPath = null,
        Environment = variables.ToDictionary(variable => variable.Key, variable => (string?)variable.Value),
    };

    public static ConvoyRedisOptions Options(this RedisTopology topology) => ConvoyRedisOptions.Load(Sources(topology.EnvironmentVariables));
}
