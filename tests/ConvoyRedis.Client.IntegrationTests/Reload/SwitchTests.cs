using System.Diagnostics;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Reload;

/// <summary>Addresses and TLS that change in convoy.json under a running connection, and changes that are wrong.</summary>
public sealed class SwitchTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");
    private readonly FakeLogCollector _logs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string ConvoyJson => Path.Combine(_directory.FullName, "convoy.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Addresses_ChangedUnderLoad_NoCommandFailsAndAllGoToTheNewDeployment()
    {
        await using var old = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var next = await SentinelTopology.StartAsync(new SentinelOptions { Tls = new TlsSettings() }, Token);
        using var host = await StartAsync($$"""{ "host": "{{old.Server.Address}}" }""");
        await using var load = new Load(Database(host), 16, 100);
        await Eventually.TrueAsync(() => load.Acknowledged > 1000, Token);

        await WriteAsync($$"""
            {
              "scheme": "redis-sentinel", "addresses": "{{next.EnvironmentVariables["CONVOY_REDIS_HOST"]}}", "master_name": "{{next.Options.MasterName}}",
              "password": "{{next.Options.Password}}", "tls_ca_cert_file": "{{next.Certificates!.AuthorityFile}}"
            }
            """);

        await ToldAsync(LogLevel.Information, "switched to Sentinel over TLS");
        var master = await next.GetMasterAsync(Token);
        var written = await CommandsAsync(master);
        await Eventually.TrueAsync(async () => await CommandsAsync(master) > written + 3000, Token);
        Assert.Empty(load.Errors);
        Assert.Equal(master.Address, $"{Connection(host).Master}");

        // And from there on it is followed. What is sent in the instant of the kill is lost with the connection, and sent again.
        await load.StopAsync();
        await master.KillAsync();
        await Database(host).WithRetry().StringSetAsync("key", "value");
        Assert.NotEqual(master.Address, $"{Connection(host).Master}");
        Assert.Equal("0", (await old.Server.ExecuteAsync("EXISTS", "key")).Text);
    }

    [Fact]
    public async Task CertificateFile_ReplacedUnderTheSameName_IsTakenOver()
    {
        await using var one = await StandaloneRedis.StartAsync(new StandaloneOptions { Tls = new TlsSettings { DemandClientCertificate = true } }, Token);
        var (certificate, key) = (Path.Combine(_directory.FullName, "client.pem"), Path.Combine(_directory.FullName, "client.key"));
        File.Copy(one.Certificates!.ClientCertificateFile, certificate);
        File.Copy(one.Certificates.ClientKeyFile, key);
        using var host = await StartAsync($$"""
            {
              "scheme": "rediss", "host": "{{one.Server.Address}}", "tls_ca_cert_file": "{{one.Certificates.AuthorityFile}}",
              "tls_cert_file": "{{certificate}}", "tls_key_file": "{{key}}"
            }
            """);
        await using var load = new Load(Database(host), 4, 100);
        var connections = await one.Server.GetInfoAsync("total_connections_received", Token);

        // The same certificate, written otherwise: the connection is made anew with it.
        await File.AppendAllTextAsync(certificate, "\n", Token);

        await ToldAsync(LogLevel.Information, "switched to Standalone over TLS");
        Assert.NotEqual(connections, await one.Server.GetInfoAsync("total_connections_received", Token));
        Assert.Empty(load.Errors);
    }

    [Theory]
    [InlineData("""{ "host": "localhost", "port": "abc", "scheme": "http" }""", "abc")]
    [InlineData("not JSON", "is not valid JSON")]
    [InlineData(null, "is missing")]
    public async Task InvalidChange_IsToldOnceAndIgnored_AndTheNextValidOneIsTaken(string? redis, string told)
    {
        await using var server = await StandaloneRedis.StartAsync(cancellationToken: Token);
        var valid = $$"""{ "host": "{{server.Server.Address}}" }""";
        using var host = await StartAsync(valid);

        if (redis is null)
            File.Delete(ConvoyJson);
        else
            await WriteAsync(redis);

        await ToldAsync(LogLevel.Error, told);
        await Database(host).StringSetAsync("key", "value");
        await using var other = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await WriteAsync($$"""{ "host": "{{other.Server.Address}}", "database": 3 }""");
        await ToldAsync(LogLevel.Information, $"switched to Standalone {other.Server.Address}");
        await ToldAsync(LogLevel.Warning, "require a restart of the process: database");
        Assert.Equal(0, Connection(host).Target.Database);
        Assert.Single(_logs.GetSnapshot(), line => line.Level == LogLevel.Error);
    }

    [Fact]
    public async Task ChangeThatRequiresARestart_DoesNothingElse()
    {
        await using var server = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var other = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var host = await StartAsync($$"""{ "host": "{{server.Server.Address}}" }""");

        await WriteAsync($$"""{ "host": "{{server.Server.Address}}", "client_name": "x" }""");
        await ToldAsync(LogLevel.Warning, "require a restart of the process: client_name");

        // The change after it shows that it has been dealt with.
        await WriteAsync($$"""{ "host": "{{other.Server.Address}}", "client_name": "x" }""");
        await ToldAsync(LogLevel.Information, $"switched to Standalone {other.Server.Address}");
        Assert.Single(_logs.GetSnapshot(), line => line.Message.StartsWith("Settings changed, but", StringComparison.Ordinal));
        Assert.Single(_logs.GetSnapshot(), line => line.Message.StartsWith("Settings changed;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AddressOfNobody_ConnectionStaysAsItIs()
    {
        await using var server = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var host = await StartAsync($$"""{ "host": "{{server.Server.Address}}" }""");

        await WriteAsync("""{ "host": "127.0.0.1:1" }""");

        await ToldAsync(LogLevel.Error, "127.0.0.1:1: Connection refused");
        await Database(host).StringSetAsync("key", "value");
        Assert.Equal("1", (await server.Server.ExecuteAsync("EXISTS", "key")).Text);
        Assert.Equal(server.Server.Address, $"{Connection(host).Master}");
    }

    [Fact]
    public async Task AddressOfACluster_IsToldAndIgnored()
    {
        await using var server = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var cluster = await ClusterTopology.StartAsync(cancellationToken: Token);
        using var host = await StartAsync($$"""{ "host": "{{server.Server.Address}}" }""");

        await WriteAsync($$"""{ "host": "{{cluster.Nodes[0].Address}}" }""");

        await ToldAsync(LogLevel.Error, $"{cluster.Nodes[0].Address} is a node of a cluster");
        await Database(host).StringSetAsync("key", "value");
        Assert.Equal("1", (await server.Server.ExecuteAsync("EXISTS", "key")).Text);
    }

    private Task WriteAsync(string redis) => File.WriteAllTextAsync(ConvoyJson, $$"""{ "redis": {{redis}} }""", Token);

    private async Task<IHost> StartAsync(string redis)
    {
        await WriteAsync(redis);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddConvoyRedis(new ConvoyRedisSources { ConvoyJsonPath = ConvoyJson, Environment = new Dictionary<string, string?>() });
        builder.Logging.AddProvider(new FakeLoggerProvider(_logs)).SetMinimumLevel(LogLevel.Debug).AddFilter("StackExchange", LogLevel.None);
        var host = builder.Build();
        await host.StartAsync(Token);
        await Connection(host).GetMultiplexerAsync(Token);
        return host;
    }

    private static async Task<long> CommandsAsync(RedisServer server) =>
        long.Parse((await server.GetInfoAsync("total_commands_processed", Token))!, null);

    private async Task ToldAsync(LogLevel level, string part)
    {
        var began = Stopwatch.GetTimestamp();
        for (; !_logs.GetSnapshot().Any(line => line.Level == level && line.Message.Contains(part, StringComparison.Ordinal)); await Task.Delay(50, Token))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"Nobody told {part}, but:\n"
                + string.Join('\n', _logs.GetSnapshot().Where(line => line.Level >= LogLevel.Information).TakeLast(20).Select(line => line.Message)));
        }
    }

    private static IConvoyRedisConnection Connection(IHost host) => host.Services.GetRequiredService<IConvoyRedisConnection>();

    private static IDatabase Database(IHost host) => host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
}
