using ConvoyRedis.Client.IntegrationTests.Recipes;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Replicas;

/// <summary>Where reads go, by settings and by flags.</summary>
public sealed class ReadDestinationTests
{
    private const string Key = "read";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flags_SayWhereAReadGoes()
    {
        await using var deployment = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await deployment.ConnectAsync();
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        var master = await deployment.GetMasterAsync(Token);
        await database.StringSetAsync(Key, "value");
        var replica = await deployment.ReadReplicaAsync(database);

        var before = await deployment.ReadsAsync();
        for (var i = 0; i < 10; i++)
        {
            await database.StringGetAsync(Key, CommandFlags.PreferReplica);
            await database.StringGetAsync(Key, CommandFlags.DemandReplica);
            await database.StringGetAsync(Key, CommandFlags.DemandMaster);
            await database.StringGetAsync(Key);
        }

        var after = await deployment.ReadsAsync();
        Assert.Equal((20, 20), (after[replica] - before[replica], after[master] - before[master]));
        Assert.Throws<RedisCommandException>(() => database.StringSet(Key, "other", flags: CommandFlags.DemandReplica));
    }

    [Theory]
    [InlineData(ConvoyRedisReadFrom.PreferReplica)]
    [InlineData(ConvoyRedisReadFrom.Replica)]
    public async Task ReadFrom_SaysWhereReadsWithoutFlagsGo(ConvoyRedisReadFrom readFrom)
    {
        await using var deployment = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await deployment.ConnectAsync(readFrom);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        var master = await deployment.GetMasterAsync(Token);

        var before = await deployment.ReadsAsync();
        await database.StringSetAsync(Key, "value");
        for (var i = 0; i < 10; i++)
            await database.StringGetAsync(Key);
        var after = await deployment.ReadsAsync();

        Assert.Equal(0, after[master] - before[master]);
        Assert.Equal(10, after.Values.Sum() - before.Values.Sum());
    }

    [Fact]
    public async Task ByDefault_NoReplicaIsConnectedTo()
    {
        await using var deployment = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(deployment.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);

        Assert.Single(multiplexer.GetEndPoints());
    }

    [Fact]
    public async Task NoReplica_DemandedOne_IsRefusedAtOnce()
    {
        await using var deployment = await SentinelTopology.StartAsync(new SentinelOptions { Nodes = 1 }, Token);
        await using var connection = await deployment.ConnectAsync(ConvoyRedisReadFrom.Replica);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        await database.StringSetAsync(Key, "value");

        Assert.Contains("No replica", (await Assert.ThrowsAsync<RedisConnectionException>(() => database.StringGetAsync(Key))).Message, StringComparison.Ordinal);
        Assert.Equal("value", await database.StringGetAsync(Key, CommandFlags.PreferReplica));
    }

    [Fact]
    public async Task NoReplica_ReadsGoToTheMaster_UntilThereIsOne()
    {
        await using var deployment = await SentinelTopology.StartAsync(cancellationToken: Token);
        var master = await deployment.GetMasterAsync(Token);
        var replicas = deployment.Nodes.Where(node => node != master).ToList();
        foreach (var replica in replicas)
            await replica.KillAsync();
        await using var connection = await deployment.ConnectAsync();
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        await database.StringSetAsync(Key, "value");
        Assert.Equal("value", await database.StringGetAsync(Key, CommandFlags.PreferReplica));

        foreach (var replica in replicas)
            await replica.RestartAsync(Token);
        Assert.Contains(await deployment.ReadReplicaAsync(database), replicas);
    }

    [Fact]
    public async Task DistributedCache_ReadsFromAReplica()
    {
        await using var deployment = await SentinelTopology.StartAsync(cancellationToken: Token);
        var services = new ServiceCollection();
        services.AddConvoyRedis(Deployment.Sources(new Dictionary<string, string>(deployment.EnvironmentVariables) { ["CONVOY_REDIS_READ_FROM"] = "prefer_replica" }));
        services.AddCachesOnRedis("app");
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<IDistributedCache>();
        await cache.SetStringAsync("key", "value", Token);
        await Eventually.TrueAsync(async () => await cache.GetStringAsync("key", Token) == "value", Token);
        var master = await deployment.GetMasterAsync(Token);

        var before = await master.CallsAsync("hmget");
        Assert.Equal("value", await cache.GetStringAsync("key", Token));

        Assert.Equal(0, await master.CallsAsync("hmget") - before);
    }
}
