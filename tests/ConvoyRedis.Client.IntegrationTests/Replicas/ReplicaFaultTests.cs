using ConvoyRedis.Testing;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Replicas;

/// <summary>Failovers and faults: reads go on, and writes never go to a replica.</summary>
public sealed class ReplicaFaultTests
{
    private const string Key = "read";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(DisableParallelization = true)]
    [InlineData(MasterFault.Planned)]
    [InlineData(MasterFault.Kill)]
    public async Task Failover_UnderLoad_NoReadWithRetryFails_AndNoWriteReachesAReplica(MasterFault fault)
    {
        await using var deployment = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await deployment.ConnectAsync();
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await deployment.ReadReplicaAsync(database);
        await using var load = await StampLoad.StartAsync(database, database.WithRetry(), readers: 16);
        await load.GoOnAsync(Token);
        var master = await deployment.GetMasterAsync(Token);

        await deployment.CauseAsync(fault, Token);
        await Eventually.TrueAsync(() => connection.Master is { } now && now.Port != master.Port, Token);
        await load.GoOnAsync(Token);
        await deployment.ReadReplicaAsync(database);
        await load.StopAsync();

        Assert.Empty(load.Errors);
        foreach (var node in deployment.Nodes.Where(node => node is { IsRunning: true, IsHung: false }))
            Assert.Equal(0, await node.WritesRefusedAsync());
    }

    // StackExchange.Redis itself sends these to a replica while the master is not connected.
    [Fact]
    public async Task MasterIsDead_WhatWritesOrMayWriteOrPublishes_WaitsForTheNextMaster()
    {
        await using var deployment = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await deployment.ConnectAsync(ConvoyRedisReadFrom.PreferReplica);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var database = multiplexer.GetDatabase();
        await deployment.ReadReplicaAsync(database);
        var channel = RedisChannel.Literal("channel");

        await (await deployment.GetMasterAsync(Token)).KillAsync();
        await Eventually.TrueAsync(() => connection.Phase != ConvoyRedisPhase.Following, Token);
        var transaction = database.CreateTransaction();
        var added = transaction.StringIncrementAsync("counter");
        async Task WaitsAsync(Task answer)
        {
            await answer;
            Assert.Equal(ConvoyRedisPhase.Following, connection.Phase);
        }

        await Task.WhenAll(
            WaitsAsync(database.StreamAddAsync("stream", "field", "value")),
            WaitsAsync(database.ScriptEvaluateAsync("return redis.call('SET', KEYS[1], 'value')", ["script"])),
            WaitsAsync(database.ExecuteAsync("SET", "executed", "value")),
            WaitsAsync(database.PublishAsync(channel, "message")),
            WaitsAsync(multiplexer.GetSubscriber().PublishAsync(channel, "message")),
            WaitsAsync(transaction.ExecuteAsync()));

        Assert.Equal(1, await added);
    }

    // Somebody makes the replica a master of its own: what is written there is lost.
    [Fact]
    public async Task ReplicaMadeAMasterByHand_IsLeft_AndNothingIsWrittenThere()
    {
        await using var deployment = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await deployment.ConnectAsync();
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var database = multiplexer.GetDatabase();
        await database.StringSetAsync(Key, "value");
        var replica = await deployment.ReadReplicaAsync(database);

        await replica.ExecuteAsync("REPLICAOF", "NO", "ONE");
        for (var round = 0; round < 20; round++)
        {
            await multiplexer.ConfigureAsync();
            await Task.WhenAll(Enumerable.Range(0, 50).Select(number => database.StringSetAsync($"written:{round}:{number}", "value")));
            await database.StringGetAsync(Key, CommandFlags.PreferReplica);
        }

        Assert.Equal("master", await replica.GetInfoAsync("role", Token));
        Assert.Empty((await replica.ExecuteAsync("KEYS", "written:*")).Items);
        await Eventually.TrueAsync(async () => await deployment.ReadReplicaAsync(database) != replica, Token);
    }

    [Fact]
    public async Task ReplicaHangs_IsLeft_AndReadsGoOn()
    {
        await using var deployment = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await deployment.ConnectAsync();
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync(Key, "value");
        var replica = await deployment.ReadReplicaAsync(database);

        await replica.HangAsync();
        await Eventually.TrueAsync(() => ReadingDeployment.IsReadAsync(database, Key), Token);

        await replica.ResumeAsync();
    }

    // Its link stands, and the master lists it; but nothing comes over it.
    [Fact]
    public async Task ReplicaFallsBehind_IsLeft_AndReadsGoElsewhere()
    {
        await using var master = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var one = await LinkedReplica.StartAsync(master, Token);
        await using var two = await LinkedReplica.StartAsync(master, Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(OptionsOf(master, one, two), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await using var load = await StampLoad.StartAsync(database, database, readers: 2);
        await load.GoOnAsync(Token);
        var (behind, other) = await one.IsReadAsync(Token) ? (one, two) : (two, one);

        behind.Link.Freeze();
        await Eventually.TrueAsync(() => other.IsReadAsync(Token), Token);
        await load.StopAsync();

        Assert.Empty(load.Errors);
        Assert.True(load.Oldest < TimeSpan.FromSeconds(8), $"An answer was {load.Oldest} old.");
    }

    [Fact]
    public async Task ReplicaIsBehindWhenTheConnectionIsMade_IsNotReadFrom()
    {
        await using var master = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var replica = await LinkedReplica.StartAsync(master, Token);
        replica.Link.Freeze();
        await master.Server.ExecuteAsync("SET", Key, "new");
        await using var connection = await ConvoyRedisConnection.ConnectAsync(OptionsOf(master, replica), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        for (var read = 0; read < 50; read++)
        {
            Assert.Equal("new", await database.StringGetAsync(Key));
            await Task.Delay(20, Token);
        }
    }

    private static ConvoyRedisOptions OptionsOf(StandaloneRedis master, params IEnumerable<LinkedReplica> replicas)
    {
        var options = master.Options();
        options.ReadFrom = ConvoyRedisReadFrom.PreferReplica;
        options.ReplicaAddresses = string.Join(',', replicas.Select(replica => replica.Server.Address));
        options.ReplicaMaxLag = TimeSpan.FromSeconds(2);
        return options;
    }
}
