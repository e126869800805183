using System.Net;
using System.Net.Sockets;
using System.Text;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>Whom the library trusts with what (docs/architecture.md): a sentinel that is not one of this deployment, and what it can do.</summary>
public sealed class TrustTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SentinelOfAnotherDeployment_AtAHigherEpoch_LosesToTheMajorityAndIsReported()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var other = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = topology, Password = "your_redis_password" }, Token);
        await using var stray = ScriptedSentinel.Start(new(other.Server.Host, other.Server.Port), epoch: 99);
        var variables = topology.EnvironmentVariables.ToDictionary();
        variables["CONVOY_REDIS_HOST"] = $"{topology.Sentinels[0].Address},{topology.Sentinels[1].Address},{stray.Endpoint}";
        var logs = new FakeLogCollector();
        var services = new ServiceCollection().AddLogging(builder => builder.AddProvider(new FakeLoggerProvider(logs)));
        services.AddConvoyRedis(Deployment.Sources(variables));
        services.AddHealthChecks().AddConvoyRedis();
        await using var provider = services.BuildServiceProvider();
        var connection = provider.GetRequiredService<IConvoyRedisConnection>();
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var master = await topology.GetMasterAsync(Token);

        await Eventually.TrueAsync(() => logs.GetSnapshot().Any(IsStraysDissent), Token);
        await multiplexer.GetDatabase().WithRetry().StringSetAsync("key", "value");
        stray.Epoch = 100;
        await Task.Delay(TimeSpan.FromSeconds(2), Token);

        Assert.Equal(master.Port, connection.Master?.Port);
        Assert.Equal("value", (await master.ExecuteAsync("GET", "key")).Text);
        Assert.Single(logs.GetSnapshot(), IsStraysDissent);
        Assert.Contains(logs.GetSnapshot(), record => record.Message.Contains("SentinelsReset", StringComparison.Ordinal));
        var health = (await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token)).Entries["redis"];
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains($"Sentinel {stray.Endpoint} names {other.Server.Address} as the master at epoch 100.", health.Description, StringComparison.Ordinal);
        var (exitCode, output, _) = await ConvoyRedisTool.RunAsync(variables, Path.GetTempPath(), "check", "--json");
        Assert.NotEqual(0, exitCode);
        Assert.Contains($"Sentinel {stray.Endpoint} names {other.Server.Address}.", output, StringComparison.Ordinal);

        bool IsStraysDissent(FakeLogRecord record) =>
            record.Message.StartsWith($"Sentinel {stray.Endpoint} names {other.Server.Address} as master at epoch", StringComparison.Ordinal);
    }

    // A real sentinel learns of another one by what is published on the hello channel of its master (sentinel.c, sentinelProcessHelloMessage).
    [Fact]
    public async Task SentinelNamedByOthers_WithoutTls_GetsNoPassword()
    {
        var options = new SentinelOptions { Tls = new TlsSettings(), SentinelPassword = "s3cret" };
        await using var topology = await SentinelTopology.StartAsync(options, Token);
        var received = new MemoryStream();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var listening = CollectAsync(listener, received);
        var master = await topology.GetMasterAsync(Token);
        var stray = (IPEndPoint)listener.LocalEndpoint;
        await master.ExecuteAsync("PUBLISH", "__sentinel__:hello",
            $"127.0.0.1,{stray.Port},{new string('a', 40)},0,{options.MasterName},{master.Host},{master.Port},0");
        await Eventually.TrueAsync(async () => (await topology.Sentinels[0].ExecuteAsync("SENTINEL", "SENTINELS", options.MasterName))
            .Items.Any(peer => peer.Items.Any(field => field.Text == $"{stray.Port}")), Token);

        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        await Eventually.TrueAsync(() => received.Length > 0, Token);
        await Task.Delay(TimeSpan.FromSeconds(1), Token);
        listener.Stop();
        await listening;

        // The first bytes that everybody gets are those of a TLS handshake (RFC 8446: content type 22); whatever follows them is none of ours.
        var bytes = received.ToArray();
        Assert.Equal(22, bytes[0]);
        Assert.DoesNotContain("AUTH", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
    }

    private static async Task CollectAsync(TcpListener listener, MemoryStream received)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(Token);
                var buffer = new byte[4096];

                // It never speaks TLS: it answers as a plain Redis would.
                await client.GetStream().WriteAsync("-ERR unknown command\r\n"u8.ToArray(), Token);
                for (var read = await client.GetStream().ReadAsync(buffer, Token); read > 0; read = await client.GetStream().ReadAsync(buffer, Token))
                {
                    lock (received)
                        received.Write(buffer, 0, read);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }
}
