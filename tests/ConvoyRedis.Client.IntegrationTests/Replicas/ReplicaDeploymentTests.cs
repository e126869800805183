using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Replicas;

/// <summary>Reads from replicas in deployments of each kind, and with users who may not run every command.</summary>
public sealed class ReplicaDeploymentTests : IDisposable
{
    private const string Key = "read";
    private const string Username = "app";
    private const string Password = "s3cret";

    private readonly FakeLogCollector _logs = new();
    private readonly ILoggerFactory _loggers;

    public ReplicaDeploymentTests() => _loggers = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(_logs)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _loggers.Dispose();

    // A reader endpoint, as managed services have it beside the endpoint of the master.
    [Theory]
    [InlineData(null)]
    [InlineData("role")]
    public async Task OneServerWithAReaderEndpoint_ReadsGoThere_AndToTheMasterWhileItIsGone(string? refused)
    {
        await using var deployment = await StartAsync(refused);
        var master = await deployment.GetMasterAsync(Token);
        var reader = deployment.Nodes.First(node => node != master);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(
            new ConvoyRedisOptions
            {
                Host = master.Address,
                Username = Username,
                Password = Password,
                ReplicaAddresses = reader.Address,
                ReadFrom = ConvoyRedisReadFrom.PreferReplica,
            }, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync(Key, "value");

        Assert.Equal(reader, await deployment.ReadReplicaAsync(database));
        await reader.KillAsync();
        await Eventually.TrueAsync(() => ReadingDeployment.IsReadAsync(database, Key), Token);
    }

    // Without ROLE, the master does not list its replicas; without ECHO, they cannot be shown to StackExchange.Redis as replicas.
    [Theory]
    [InlineData("role", "+role")]
    [InlineData("echo", "+echo")]
    public async Task CommandRefused_ReadsGoToTheMaster_AndTheLogSaysWhatToGrant(string refused, string granted)
    {
        await using var deployment = await StartAsync(refused);
        var options = deployment.Options();
        (options.Username, options.Password, options.ReadFrom) = (Username, Password, ConvoyRedisReadFrom.PreferReplica);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, _loggers, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        var master = await deployment.GetMasterAsync(Token);

        await database.StringSetAsync(Key, "value");
        var before = await master.CallsAsync("get");
        for (var read = 0; read < 10; read++)
            Assert.Equal("value", await database.StringGetAsync(Key));
        var refusal = await Assert.ThrowsAsync<RedisConnectionException>(() => database.StringGetAsync(Key, CommandFlags.DemandReplica));

        Assert.Equal(10, await master.CallsAsync("get") - before);
        Assert.Contains("No replica", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_logs.GetSnapshot(), line => line.Level == LogLevel.Warning && line.Message.Contains(granted, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tls_ReadsGoToAReplica_AndToAnotherMastersAfterAFailover()
    {
        await using var deployment = await SentinelTopology.StartAsync(new SentinelOptions { Tls = new TlsSettings() }, Token);
        await using var connection = await deployment.ConnectAsync();
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await deployment.ReadReplicaAsync(database);
        var master = await deployment.GetMasterAsync(Token);

        await deployment.FailoverAsync(Token);
        await Eventually.TrueAsync(() => connection.Master is { } now && now.Port != master.Port, Token);

        // On a busy machine, a read that is in flight when Sentinel makes the replica follow the new master may fail (docs/replicas.md).
        await deployment.ReadReplicaAsync(database.WithRetry());
    }

    [Theory]
    [InlineData(ConvoyRedisReadFrom.Master)]
    [InlineData(ConvoyRedisReadFrom.PreferReplica)]
    public async Task Cluster_ReadsGoWhereItIsSet(ConvoyRedisReadFrom readFrom)
    {
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { Replicas = 1 }, Token);
        await using var connection = await cluster.ConnectAsync(readFrom);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync(Key, "value");
        async Task<int> ReadAtReplicasAsync()
        {
            async Task<int> CallsAsync() => (await Task.WhenAll(cluster.Nodes.Skip(3).Select(node => node.CallsAsync("get")))).Sum();
            var before = await CallsAsync();
            for (var i = 0; i < 10; i++)
                await database.StringGetAsync(Key);
            return await CallsAsync() - before;
        }

        if (readFrom == ConvoyRedisReadFrom.Master)
        {
            Assert.Equal(0, await ReadAtReplicasAsync());
            return;
        }

        // StackExchange.Redis may not be connected to all nodes yet.
        await Eventually.TrueAsync(async () => await ReadAtReplicasAsync() == 10, Token);
    }

    // Before it is a replica, CLUSTER NODES lists it, but CLUSTER SLOTS does not.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cluster_NewReplica_IsRead(bool isMetBeforeConnecting)
    {
        await using var cluster = await ClusterTopology.StartAsync(cancellationToken: Token);
        var added = isMetBeforeConnecting ? await cluster.AddNodeAsync(Token) : null;
        await using var connection = await cluster.ConnectAsync(ConvoyRedisReadFrom.PreferReplica);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync(Key, "value");
        var master = await cluster.GetMasterAsync(database.Multiplexer.GetHashSlot(Key), Token);

        added ??= await cluster.AddNodeAsync(Token);
        await added.ExecuteAsync("CLUSTER", "REPLICATE", (await master.ExecuteAsync("CLUSTER", "MYID")).Text!);

        await IsReadAsync(database, added);
    }

    [Fact]
    public async Task Cluster_FormerMaster_IsReadAsAReplica()
    {
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { Replicas = 1 }, Token);
        await using var connection = await cluster.ConnectAsync(ConvoyRedisReadFrom.PreferReplica);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync(Key, "value");
        var master = await cluster.GetMasterAsync(database.Multiplexer.GetHashSlot(Key), Token);

        await cluster.FailoverAsync(Assert.Single(await cluster.GetReplicasAsync(master, Token)), Token);

        await IsReadAsync(database, master);
    }

    private static Task IsReadAsync(IDatabase database, RedisServer replica) => Eventually.TrueAsync(async () =>
    {
        var before = await replica.CallsAsync("get");
        for (var read = 0; read < 10; read++)
            await database.StringGetAsync(Key);
        return await replica.CallsAsync("get") - before == 10;
    }, Token);

    private static Task<SentinelTopology> StartAsync(string? refused) => SentinelTopology.StartAsync(
        new SentinelOptions { NodeConfiguration = [$"user {Username} on >{Password} ~* &* +@all {(refused is null ? "" : $"-{refused}")}".TrimEnd()] }, Token);
}
