using Microsoft.Extensions.Hosting;

namespace ConvoyRedis.Client.DependencyInjection;

/// <summary>Connects when the host starts, in the background: a host must come up also while Redis is away.</summary>
internal sealed class ConvoyRedisConnector(ConvoyRedisConnection connection) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        connection.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
