using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Replicas;

/// <summary>Settings that change while replicas are read from.</summary>
public sealed class ReplicaReloadTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");
    private readonly FakeLogCollector _logs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string ConvoyJson => Path.Combine(_directory.FullName, "convoy.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Addresses_ChangedUnderLoad_NoReadFails_AndReplicasOfTheNewDeploymentAreRead()
    {
        var small = new SentinelOptions { Nodes = 2, Sentinels = 1, Quorum = 1 };
        await using var old = await SentinelTopology.StartAsync(small, Token);
        await using var next = await SentinelTopology.StartAsync(small, Token);
        using var host = await StartAsync(old);
        var database = Database(host);
        await old.ReadReplicaAsync(database);
        await using var load = await StampLoad.StartAsync(database, database, readers: 64);
        await load.GoOnAsync(Token);

        await WriteAsync(next);
        await Eventually.TrueAsync(() => $"{Connection(host).Master}" == next.Nodes[0].Address, Token);
        await next.ReadReplicaAsync(database);
        await load.GoOnAsync(Token);
        await load.StopAsync();

        Assert.Empty(load.Errors);
    }

    // StackExchange.Redis takes up no further endpoint: the log says so.
    [Fact]
    public async Task ReplicaAddresses_AddedLater_RequireARestart()
    {
        await using var one = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await WriteAsync($$"""{ "host": "{{one.Server.Address}}", "read_from": "prefer_replica" }""");
        using var host = await StartAsync();

        await WriteAsync($$"""{ "host": "{{one.Server.Address}}", "read_from": "prefer_replica", "replica_addresses": "127.0.0.1:1" }""");

        await ToldAsync("require a restart of the process: reads from replicas");
        await Database(host).StringSetAsync("key", "value");
        Assert.Equal("value", await Database(host).StringGetAsync("key"));
    }

    [Fact]
    public async Task LoginRefusedByAReplica_IsLoggedWithItsAddress()
    {
        await using var deployment = await SentinelTopology.StartAsync(new SentinelOptions { Nodes = 2, Sentinels = 1, Quorum = 1 }, Token);
        using var host = await StartAsync(deployment);
        var replica = await deployment.ReadReplicaAsync(Database(host));
        var master = await deployment.GetMasterAsync(Token);

        // Added, so that the replica's link to its master goes on.
        await master.ExecuteAsync("ACL", "SETUSER", "default", ">next");
        await WriteAsync(deployment, "next");

        await ToldAsync($"{replica.Address} does not accept the new login yet");
        Assert.DoesNotContain(_logs.GetSnapshot(), line => line.Message.StartsWith($"{master.Address} does not accept", StringComparison.Ordinal));
    }

    private async Task<IHost> StartAsync(SentinelTopology deployment)
    {
        await WriteAsync(deployment);
        return await StartAsync();
    }

    private async Task<IHost> StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddConvoyRedis(new ConvoyRedisSources { ConvoyJsonPath = ConvoyJson, Environment = new Dictionary<string, string?>() });
        builder.Logging.AddProvider(new FakeLoggerProvider(_logs)).AddFilter("StackExchange", LogLevel.None);
        var host = builder.Build();
        await host.StartAsync(Token);
        await Connection(host).GetMultiplexerAsync(Token);
        return host;
    }

    private Task WriteAsync(SentinelTopology deployment, string? password = null) => WriteAsync($$"""
        {
          "scheme": "redis-sentinel", "addresses": "{{deployment.EnvironmentVariables["CONVOY_REDIS_HOST"]}}", "master_name": "{{deployment.Options.MasterName}}",
          "password": "{{password ?? deployment.Options.Password}}", "read_from": "prefer_master"
        }
        """);

    private Task WriteAsync(string redis) => File.WriteAllTextAsync(ConvoyJson, $$"""{ "redis": {{redis}} }""", Token);

    private Task ToldAsync(string part) =>
        Eventually.TrueAsync(() => _logs.GetSnapshot().Any(line => line.Message.Contains(part, StringComparison.Ordinal)), Token);

    private static IConvoyRedisConnection Connection(IHost host) => host.Services.GetRequiredService<IConvoyRedisConnection>();

    private static IDatabase Database(IHost host) => host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
}
