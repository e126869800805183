using System.Collections.Concurrent;
using System.Globalization;
using ConvoyRedis.Client.IntegrationTests.Recipes;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Replicas;

/// <summary>Reads from replicas behind sentinels: where they go, in failovers and faults too, and that writes never do.</summary>
public sealed class ReplicaReadTests
{
    private const string Key = "read";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flags_SayWhereAReadGoes()
    {
        await using var deployment = await StartAsync();
        await using var connection = await ConnectAsync(deployment);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        var master = await deployment.GetMasterAsync(Token);
        await database.StringSetAsync(Key, "value");
        var replica = await ReadReplicaAsync(deployment, database);

        var before = await CallsAsync(deployment);
        for (var i = 0; i < 10; i++)
        {
            await database.StringGetAsync(Key, CommandFlags.PreferReplica);
            await database.StringGetAsync(Key, CommandFlags.DemandReplica);
            await database.StringGetAsync(Key, CommandFlags.DemandMaster);
            await database.StringGetAsync(Key);
        }

        var after = await CallsAsync(deployment);
        Assert.Equal((20, 20), (after[replica] - before[replica], after[master] - before[master]));
        Assert.Throws<RedisCommandException>(() => database.StringSet(Key, "other", flags: CommandFlags.DemandReplica));
    }

    [Theory]
    [InlineData(ConvoyRedisReadFrom.PreferReplica)]
    [InlineData(ConvoyRedisReadFrom.Replica)]
    public async Task ReadFrom_SaysWhereReadsWithoutFlagsGo(ConvoyRedisReadFrom readFrom)
    {
        await using var deployment = await StartAsync();
        await using var connection = await ConnectAsync(deployment, readFrom);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        var master = await deployment.GetMasterAsync(Token);

        var before = await CallsAsync(deployment);
        await database.StringSetAsync(Key, "value");
        for (var i = 0; i < 10; i++)
            await database.StringGetAsync(Key);
        var after = await CallsAsync(deployment);

        Assert.Equal(0, after[master] - before[master]);
        Assert.Equal(10, after.Values.Sum() - before.Values.Sum());
    }

    [Fact]
    public async Task NoReplica_DemandedOne_IsRefusedAtOnce()
    {
        await using var deployment = await SentinelTopology.StartAsync(new SentinelOptions { Nodes = 1 }, Token);
        await using var connection = await ConnectAsync(deployment, ConvoyRedisReadFrom.Replica);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        await database.StringSetAsync(Key, "value");

        Assert.Contains("No replica", (await Assert.ThrowsAsync<RedisConnectionException>(() => database.StringGetAsync(Key))).Message, StringComparison.Ordinal);
        Assert.Equal("value", await database.StringGetAsync(Key, CommandFlags.PreferReplica));
    }

    // A reader endpoint, as managed services have it beside the endpoint of the master.
    [Fact]
    public async Task OneServerWithAReaderEndpoint_ReadsGoThere_AndToTheMasterWhileItIsGone()
    {
        await using var deployment = await StartAsync();
        var master = await deployment.GetMasterAsync(Token);
        var reader = deployment.Nodes.First(node => node != master);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(
            new ConvoyRedisOptions
            {
                Host = master.Address,
                Password = deployment.Options.Password,
                ReplicaAddresses = reader.Address,
                ReadFrom = ConvoyRedisReadFrom.PreferReplica,
            }, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync(Key, "value");

        Assert.Equal(reader, await ReadReplicaAsync(deployment, database));
        await reader.KillAsync();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await database.StringGetAsync(Key) == "value";
            }
            catch (RedisException)
            {
                return false;
            }
        }, Token);
    }

    [Theory]
    [InlineData(ConvoyRedisReadFrom.Master)]
    [InlineData(ConvoyRedisReadFrom.PreferReplica)]
    public async Task Cluster_ReadsGoWhereItIsSet(ConvoyRedisReadFrom readFrom)
    {
        await using var cluster = await ClusterTopology.StartAsync(new ClusterOptions { Replicas = 1 }, Token);
        await using var connection = await ConnectAsync(cluster, readFrom);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync(Key, "value");
        async Task<int> ReadAtReplicasAsync()
        {
            async Task<int> CallsAsync() => (await Task.WhenAll(cluster.Nodes.Skip(3).Select(node => StatAsync(node, "get")))).Sum();
            var before = await CallsAsync();
            for (var i = 0; i < 10; i++)
                await database.StringGetAsync(Key);
            return await CallsAsync() - before;
        }

        // StackExchange.Redis may not be connected to all nodes yet.
        if (readFrom == ConvoyRedisReadFrom.Master)
            Assert.Equal(0, await ReadAtReplicasAsync());
        else
            await Eventually.TrueAsync(async () => await ReadAtReplicasAsync() == 10, Token);
    }

    [Theory(DisableParallelization = true)]
    [InlineData(MasterFault.Planned)]
    [InlineData(MasterFault.Kill)]
    public async Task Failover_UnderLoad_NoReadWithRetryFails_AndNoWriteReachesAReplica(MasterFault fault)
    {
        await using var deployment = await StartAsync();
        await using var connection = await ConnectAsync(deployment);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync(Key, "value");
        await ReadReplicaAsync(deployment, database);
        await using var reads = new Reads(database.WithRetry(), readers: 16);
        var written = 0;
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() => WriteAsync(database, () => Interlocked.Increment(ref written), stop.Token), Token);
        async Task WrittenAsync()
        {
            var before = Volatile.Read(ref written);
            await Eventually.TrueAsync(() => Volatile.Read(ref written) > before + 100, Token);
        }

        await WrittenAsync();
        var master = await deployment.GetMasterAsync(Token);
        await deployment.CauseAsync(fault, Token);
        await Eventually.TrueAsync(() => connection.Master is { } now && now.Port != master.Port, Token);
        await WrittenAsync();
        await ReadReplicaAsync(deployment, database);
        await reads.StopAsync();
        await stop.CancelAsync();
        await writing;

        Assert.Empty(reads.Errors);
        foreach (var node in deployment.Nodes.Where(node => node is { IsRunning: true, IsHung: false }))
            Assert.DoesNotContain("READONLY", (await node.ExecuteAsync("INFO", "errorstats")).Text!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DistributedCache_ReadsFromAReplica()
    {
        await using var deployment = await StartAsync();
        var services = new ServiceCollection();
        services.AddConvoyRedis(Deployment.Sources(new Dictionary<string, string>(deployment.EnvironmentVariables) { ["CONVOY_REDIS_READ_FROM"] = "prefer_replica" }));
        services.AddCachesOnRedis("app");
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<IDistributedCache>();
        await cache.SetStringAsync("key", "value", Token);
        await Eventually.TrueAsync(async () => await cache.GetStringAsync("key", Token) == "value", Token);
        var master = await deployment.GetMasterAsync(Token);

        var before = await StatAsync(master, "hmget");
        Assert.Equal("value", await cache.GetStringAsync("key", Token));

        Assert.Equal(0, await StatAsync(master, "hmget") - before);
    }

    // StackExchange.Redis itself sends these to a replica while the master is not connected.
    [Fact]
    public async Task MasterIsDead_WhatWritesOrMayWrite_WaitsForTheNextMaster()
    {
        await using var deployment = await StartAsync();
        await using var connection = await ConnectAsync(deployment, ConvoyRedisReadFrom.PreferReplica);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await ReadReplicaAsync(deployment, database);

        await (await deployment.GetMasterAsync(Token)).KillAsync();
        await Eventually.TrueAsync(() => connection.Phase != ConvoyRedisPhase.Following, Token);
        var transaction = database.CreateTransaction();
        var added = transaction.StringIncrementAsync("counter");
        await Task.WhenAll(
            database.StreamAddAsync("stream", "field", "value"),
            database.ScriptEvaluateAsync("return redis.call('SET', KEYS[1], 'value')", ["script"]),
            database.ExecuteAsync("SET", "executed", "value"),
            transaction.ExecuteAsync());

        Assert.Equal(1, await added);
    }

    // Somebody makes the replica a master of its own: what is written there is lost.
    [Fact]
    public async Task ReplicaMadeAMasterByHand_IsLeft_AndNothingIsWrittenThere()
    {
        await using var deployment = await StartAsync();
        await using var connection = await ConnectAsync(deployment);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var database = multiplexer.GetDatabase();
        await database.StringSetAsync(Key, "value");
        var replica = await ReadReplicaAsync(deployment, database);

        await replica.ExecuteAsync("REPLICAOF", "NO", "ONE");
        for (var round = 0; round < 20; round++)
        {
            await multiplexer.ConfigureAsync();
            await Task.WhenAll(Enumerable.Range(0, 50).Select(number => database.StringSetAsync($"written:{round}:{number}", "value")));
            await database.StringGetAsync(Key, CommandFlags.PreferReplica);
        }

        Assert.Equal("master", await replica.GetInfoAsync("role", Token));
        Assert.Empty((await replica.ExecuteAsync("KEYS", "written:*")).Items);
        await Eventually.TrueAsync(async () => await ReadReplicaAsync(deployment, database) != replica, Token);
    }

    [Fact]
    public async Task ReplicaHangs_IsLeft_AndReadsGoOn()
    {
        await using var deployment = await StartAsync();
        await using var connection = await ConnectAsync(deployment);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync(Key, "value");
        var replica = await ReadReplicaAsync(deployment, database);

        await replica.HangAsync();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return (await database.StringGetAsync(Key, CommandFlags.PreferReplica).WaitAsync(TimeSpan.FromSeconds(1), Token)) == "value";
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                return false;
            }
        }, Token);

        await replica.ResumeAsync();
    }

    [Fact]
    public async Task NoReplica_ReadsGoToTheMaster_UntilThereIsOne()
    {
        await using var deployment = await StartAsync();
        var master = await deployment.GetMasterAsync(Token);
        var replicas = deployment.Nodes.Where(node => node != master).ToList();
        foreach (var replica in replicas)
            await replica.KillAsync();
        await using var connection = await ConnectAsync(deployment);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        await database.StringSetAsync(Key, "value");
        Assert.Equal("value", await database.StringGetAsync(Key, CommandFlags.PreferReplica));

        foreach (var replica in replicas)
            await replica.RestartAsync(Token);
        Assert.Contains(await ReadReplicaAsync(deployment, database), replicas);
    }

    [Fact]
    public async Task ByDefault_NoReplicaIsConnectedTo()
    {
        await using var deployment = await StartAsync();
        await using var connection = await ConvoyRedisConnection.ConnectAsync(deployment.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);

        Assert.Single(multiplexer.GetEndPoints());
    }

    // What is in flight to a master that is killed fails.
    private static async Task WriteAsync(IDatabase database, Action written, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await database.StringSetAsync("written", "value");
                written();
            }
            catch (RedisException)
            {
                await Task.Delay(1, CancellationToken.None);
            }
        }
    }

    private static Task<SentinelTopology> StartAsync() => SentinelTopology.StartAsync(cancellationToken: Token);

    private static Task<ConvoyRedisConnection> ConnectAsync(RedisTopology deployment, ConvoyRedisReadFrom readFrom = ConvoyRedisReadFrom.PreferMaster)
    {
        var options = deployment.Options();
        options.ReadFrom = readFrom;
        return ConvoyRedisConnection.ConnectAsync(options, Token);
    }

    // Waits until reads go to a replica, and tells which.
    private static async Task<RedisServer> ReadReplicaAsync(SentinelTopology deployment, IDatabase database)
    {
        RedisServer? found = null;
        await Eventually.TrueAsync(async () =>
        {
            var before = await CallsAsync(deployment);
            for (var i = 0; i < 50; i++)
                await database.StringGetAsync("probe", CommandFlags.PreferReplica);
            var after = await CallsAsync(deployment);
            var master = await deployment.GetMasterAsync(Token);
            found = after.Keys.FirstOrDefault(node => node != master && after[node] - before.GetValueOrDefault(node) >= 50);
            return found is not null;
        }, Token);
        return found!;
    }

    private static async Task<Dictionary<RedisServer, int>> CallsAsync(SentinelTopology deployment)
    {
        var calls = new Dictionary<RedisServer, int>();
        foreach (var node in deployment.Nodes.Where(node => node is { IsRunning: true, IsHung: false }))
            calls[node] = await StatAsync(node, "get");
        return calls;
    }

    private static async Task<int> StatAsync(RedisServer node, string command)
    {
        var stat = (await node.ExecuteAsync("INFO", "commandstats")).Text!.Split('\n').FirstOrDefault(line => line.StartsWith($"cmdstat_{command}:", StringComparison.Ordinal));
        return stat is null ? 0 : int.Parse(stat.Split('=')[1].Split(',')[0], CultureInfo.InvariantCulture);
    }

    private sealed class Reads : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly IDatabaseAsync _database;
        private readonly List<Task> _reading;

        public Reads(IDatabaseAsync database, int readers)
        {
            _database = database;
            _reading = [.. Enumerable.Range(0, readers).Select(_ => Task.Run(ReadAsync))];
        }

        public ConcurrentQueue<Exception> Errors { get; } = [];

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_reading);
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }

        private async Task ReadAsync()
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    Assert.Equal("value", await _database.StringGetAsync(Key, CommandFlags.PreferReplica));
                }
                catch (Exception exception)
                {
                    Errors.Enqueue(exception);
                }
            }
        }
    }
}
