using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>All sentinels restart with their first configuration, as pods without a volume do: they name the first master, which is a replica by now.</summary>
public sealed class ForgetfulSentinelsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MasterThatWorks_IsNotLeftForTheReplicaThatTheyName()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await topology.FailoverAsync(Token);
        await Eventually.TrueAsync(async () => await topology.GetMasterAsync(Token) != topology.Nodes[0], Token);
        await topology.WaitUntilSettledAsync(Token);
        var master = await topology.GetMasterAsync(Token);
        var logs = new FakeLogCollector();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(new FakeLoggerProvider(logs)).SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddConvoyRedis(Deployment.Sources(topology.EnvironmentVariables));
        builder.Services.AddHealthChecks().AddConvoyRedis();
        using var host = builder.Build();
        await host.StartAsync(Token);
        var connection = host.Services.GetRequiredService<IConvoyRedisConnection>();
        await using var writer = await CountingWriter.StartAsync((await connection.GetMultiplexerAsync(Token)).GetDatabase());

        await Task.WhenAll(topology.Sentinels.Select(sentinel => sentinel.KillAsync()));
        await Task.WhenAll(topology.Sentinels.Select(sentinel => sentinel.RestartWithOriginalConfigurationAsync(Token)));
        Assert.Equal(topology.Nodes[0], await topology.GetMasterAsync(Token));
        await Eventually.TrueAsync(() => Has(logs, EventIds.NamedNodeIsReplica) && Has(logs, EventIds.SentinelDisagrees), Token);
        var health = (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token)).Entries["redis"];
        var (_, output, _) = await ConvoyRedisTool.RunAsync(topology.EnvironmentVariables, Path.GetTempPath(), "check", "--json");
        await writer.StopAsync();

        Assert.Empty(writer.Failed);
        Assert.Equal(master.Port, connection.Master?.Port);
        Assert.DoesNotContain(logs.GetSnapshot(), record => record.Id.Id == EventIds.MasterFollowed && !record.Message.Contains(master.Address, StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains($"Sentinels name {topology.Nodes[0].Address} as the master at epoch 0, but it is a replica; the master is {master.Address}.", health.Description, StringComparison.Ordinal);
        Assert.Contains($"{topology.Nodes[0].Address} is a replica of {master.Address}.", output, StringComparison.Ordinal);
        await host.StopAsync(Token);
    }

    private static bool Has(FakeLogCollector logs, int eventId) => logs.GetSnapshot().Any(record => record.Id.Id == eventId);
}
