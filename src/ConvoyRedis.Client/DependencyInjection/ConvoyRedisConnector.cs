using Microsoft.Extensions.Hosting;

namespace ConvoyRedis.Client.DependencyInjection;

/// <summary>Connects in the background when the host starts: a host must start even if Redis is unavailable.</summary>
internal sealed class ConvoyRedisConnector(ConvoyRedisConnection connection) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        connection.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
