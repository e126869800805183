using System.Diagnostics;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Connecting;

/// <summary>Whom TLS trusts, for a server, for sentinels and the nodes behind them, and for a cluster.</summary>
public sealed class TlsTests(SharedTopologies shared) : IClassFixture<SharedTopologies>
{
    private const string Password = "secret";

    /// <summary>What is final fails at once, and not after the 15 s for which others are tried again.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    public static TheoryData<ConvoyRedisTopology> All => Topologies.All;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Connect_CustomAuthority_IsAccepted(ConvoyRedisTopology kind)
    {
        var topology = await shared.GetAsync(kind, SharedTopologies.Tls, Password);

        await AssertWorksAsync(topology.Options());
    }

    [Theory]
    [InlineData("TLSv1.2")]
    [InlineData("TLSv1.3")]
    public async Task Connect_Tls12Or13_IsAccepted(string version)
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Tls = new TlsSettings(), Configuration = [$"tls-protocols {version}"] }, Token);

        await AssertWorksAsync(redis.Options());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Connect_OtherAuthority_IsRefused(ConvoyRedisTopology kind)
    {
        var topology = await shared.GetAsync(kind, SharedTopologies.Tls, Password);
        var directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");
        using var others = new TestCertificates(directory.FullName);
        var options = topology.Options();
        options.TlsCaCertFile = others.AuthorityFile;

        await AssertRefusedAsync(options, ConvoyRedisFault.Certificate, "tls_ca_cert_file");
        directory.Delete(recursive: true);
    }

    // The authority that is wrong is that of one side: the other side does not use it.
    [Fact]
    public async Task Connect_SentinelsHaveAnAuthorityOfTheirOwn_EachSideTrustsItsOwn()
    {
        var topology = await shared.GetAsync(ConvoyRedisTopology.Sentinel, SharedTopologies.Tls, Password);
        var directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");
        using var others = new TestCertificates(directory.FullName);
        var options = topology.Options();
        options.SentinelTlsCaCertFile = options.TlsCaCertFile;
        await AssertWorksAsync(options);

        options.TlsCaCertFile = others.AuthorityFile;
        await AssertRefusedAsync(options, ConvoyRedisFault.Certificate, "Check tls_ca_cert_file");

        (options.TlsCaCertFile, options.SentinelTlsCaCertFile) = (options.SentinelTlsCaCertFile, others.AuthorityFile);
        await AssertRefusedAsync(options, ConvoyRedisFault.Certificate, "Check sentinel_tls_ca_cert_file");
        directory.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Connect_SystemAuthorities_RefuseACustomOne(ConvoyRedisTopology kind)
    {
        var topology = await shared.GetAsync(kind, SharedTopologies.Tls, Password);
        var options = topology.Options();
        options.TlsCaCertFile = null;
        options.Tls = true;

        await AssertRefusedAsync(options, ConvoyRedisFault.Certificate, "tls_ca_cert_file");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Connect_OtherName_IsRefusedUnlessItIsTheOneToExpect(ConvoyRedisTopology kind)
    {
        var topology = await shared.GetAsync(kind, SharedTopologies.OtherName);
        var options = topology.Options();

        await AssertRefusedAsync(options, ConvoyRedisFault.Certificate, "redis.example.com");
        options.TlsServerName = "redis.example.com";
        await AssertWorksAsync(options);
    }

    // The sentinels announce addresses, and the certificates are made out to host names alone: the map has the names.
    [Fact]
    public async Task Connect_CertificatesForMappedNames_AreAccepted()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { Tls = new TlsSettings { ServerNames = ["localhost"] } }, Token);
        var options = topology.Options();

        await AssertRefusedAsync(options, ConvoyRedisFault.Certificate, "valid only for localhost (expected: 127.0.0.1)");
        options.AddressMap = string.Join(',', topology.Nodes.Concat(topology.Sentinels).Select(server => $"{server.Address}=localhost:{server.Port}"));
        await AssertWorksAsync(options);
    }

    [Fact]
    public async Task Connect_CertificatesForOtherNamesThanTheMappedOnes_AreRefused()
    {
        var topology = await shared.GetAsync(ConvoyRedisTopology.Sentinel, SharedTopologies.OtherName);
        var options = topology.Options();
        options.AddressMap = string.Join(',', topology.Servers.Select(server => $"{server.Address}=localhost:{server.Port}"));

        await AssertRefusedAsync(options, ConvoyRedisFault.Certificate, "valid only for redis.example.com (expected: 127.0.0.1 or localhost)");
    }

    [Fact]
    public async Task Connect_ExpiredCertificate_IsRefused()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Tls = new TlsSettings { ServerLifetime = TimeSpan.FromHours(-1) } }, Token);

        await AssertRefusedAsync(redis.Options(), ConvoyRedisFault.Certificate, "NotTimeValid");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Connect_ClientCertificateDemanded_IsRefusedWithoutAndAcceptedWith(ConvoyRedisTopology kind)
    {
        var topology = await shared.GetAsync(kind, SharedTopologies.ClientCertificates, Password);
        var without = topology.Options();
        (without.TlsCertFile, without.TlsKeyFile) = (null, null);

        await AssertRefusedAsync(without, ConvoyRedisFault.Certificate, "tls_cert_file");
        await AssertWorksAsync(topology.Options());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Connect_SkipVerify_WorksAndWarnsEachTime(ConvoyRedisTopology kind)
    {
        var topology = await shared.GetAsync(kind, SharedTopologies.OtherName);
        var options = topology.Options();
        options.TlsCaCertFile = null;
        options.TlsSkipVerify = true;
        var logs = new FakeLogCollector();

        await AssertWorksAsync(options, logs);
        await AssertWorksAsync(options, logs);

        Assert.Equal(2, logs.GetSnapshot().Count(
            record => record.Level == LogLevel.Warning && record.Message.Contains("tls_skip_verify", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Connect_TlsToAPlainServer_NamesTheSettings(ConvoyRedisTopology kind)
    {
        var topology = await shared.GetAsync(kind);
        var options = topology.Options();
        options.Tls = true;

        await AssertNotReachedAsync(options, "scheme", "tls");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Connect_PlainToATlsServer_NamesTheSettings(ConvoyRedisTopology kind)
    {
        var topology = await shared.GetAsync(kind, SharedTopologies.Tls, Password);
        var options = topology.Options();
        options.Scheme = kind == ConvoyRedisTopology.Sentinel ? "redis-sentinel" : "redis";
        options.TlsCaCertFile = null;

        await AssertNotReachedAsync(options, "scheme", "tls");
    }

    private static async Task AssertWorksAsync(ConvoyRedisOptions options, FakeLogCollector? logs = null)
    {
        using var factory = LoggerFactory.Create(builder =>
        {
            if (logs is not null)
                builder.AddProvider(new FakeLoggerProvider(logs));
        });
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, factory, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        // As many keys as reach every node of a cluster.
        for (var i = 0; i < 16; i++)
        {
            Assert.True(await database.StringSetAsync($"key:{i}", i));
            Assert.Equal(i, await database.StringGetAsync($"key:{i}"));
        }
    }

    // It could be a server that hangs or restarts: it is tried again until the time is up, and then says where to look.
    private static async Task AssertNotReachedAsync(ConvoyRedisOptions options, params string[] mentioned)
    {
        options.ConnectTimeout = TimeSpan.FromMilliseconds(500);
        options.CommandTimeout = TimeSpan.FromSeconds(2);
        var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        Assert.False(exception.IsFinal);
        Assert.All(mentioned, mention => Assert.Contains($" {mention} ", exception.Message.Replace('.', ' ').Replace(',', ' '), StringComparison.Ordinal));
    }

    private static async Task AssertRefusedAsync(ConvoyRedisOptions options, ConvoyRedisFault fault, string mentioned)
    {
        var began = Stopwatch.GetTimestamp();
        var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        Assert.True(exception.Message.Contains(mentioned, StringComparison.Ordinal) && exception.Fault == fault, $"{exception.Fault}: {exception}");
        Assert.True(Stopwatch.GetElapsedTime(began) < AtOnce);
    }
}
