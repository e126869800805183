using System.Net.Sockets;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tool.Tests;

/// <summary>
/// The rows of the guide's "Monitoring" and the alerts behind them: the real condition, and what <c>convoy-redis check</c> reports. Conditions that the
/// log and the health check report as well are in the library's ConditionTests.
/// </summary>
public sealed class MonitoringTests
{
    private const string Network = "Check the network between the nodes";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectedClientsAndRejectedConnections_NearAndAboveMaxclients_AreWarnedOf()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        var node = redis.Server.Address;
        await redis.Server.ExecuteAsync("CONFIG", "SET", "maxclients", "12");
        var clients = new List<TcpClient>();
        try
        {
            async Task ConnectAsync(int count)
            {
                for (var i = 0; i < count; i++)
                {
                    clients.Add(new TcpClient());
                    await clients[^1].ConnectAsync(redis.Server.Host, redis.Server.Port, Token);
                }
            }

            await ConnectAsync(10);
            await CheckedDeployment.BecomesAsync(redis, node, "connected_clients", "warning: 11", "connection leaks");
            await ConnectAsync(4);
            await Eventually.TrueAsync(() => clients[^1].Client.Poll(0, SelectMode.SelectRead), Token);
            clients.ForEach(client => client.Dispose());
            await Eventually.TrueAsync(async () => await redis.Server.GetInfoAsync("connected_clients", Token) is "1", Token);

            var report = await CheckedDeployment.OfAsync(redis);
            Assert.StartsWith("ok: ", report[node, "connected_clients"], StringComparison.Ordinal);
            Assert.Equal("warning: 2; Raise maxclients.", report[node, "rejected_connections"]);
            Assert.Contains($"{node} connected_clients", (await CheckedDeployment.OfAsync(redis, "--max-clients", "0")).Rows("warning"));
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Operations_MoreThanUsual_AreWarnedOf()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var stop = new CancellationTokenSource();
        await using var connection = await ConvoyRedisConnection.ConnectAsync(redis.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        var load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await database.PingAsync();
        }, Token);

        await CheckedDeployment.BecomesAsync(
            redis, redis.Server.Address, "instantaneous_ops_per_sec", "warning: ", "a spike can be a sign of trouble", "--max-ops", "100");
        Assert.StartsWith("ok: ", (await CheckedDeployment.OfAsync(redis))[redis.Server.Address, "instantaneous_ops_per_sec"], StringComparison.Ordinal);
        await stop.CancelAsync();
        await load;
    }

    [Fact]
    public async Task Persistence_DirectoryGone_IsAlertedForSnapshotAndAppendOnlyFile()
    {
        await using var redis = await StandaloneRedis.StartAsync(new StandaloneOptions { Configuration = ["save 3600 1"] }, Token);
        var node = redis.Server.Address;

        // What replaces it is another directory than the one in which the server still is.
        Directory.Delete(redis.Server.DataDirectory, recursive: true);
        Directory.CreateDirectory(redis.Server.DataDirectory);
        await redis.Server.ExecuteAsync("BGREWRITEAOF");
        await CheckedDeployment.BecomesAsync(redis, node, "aof_last_bgrewrite_status", "failure: err", "disk space");
        await redis.Server.ExecuteAsync("BGSAVE");
        var report = await CheckedDeployment.BecomesAsync(redis, node, "rdb_last_bgsave_status", "failure: err", "Redis log");

        Assert.StartsWith("failure: MISCONF; MISCONF Redis is configured to save RDB snapshots", report[node, "writes"], StringComparison.Ordinal);
        Assert.Contains("disk space", report[node, "writes"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disk_AboveItsBound_IsAlerted()
    {
        await using var disk = await SmallDisk.MountAsync(Token);
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { DataDirectory = disk.Directory }, Token);
        Assert.StartsWith("ok: ", (await CheckedDeployment.OfAsync(redis))[redis.Server.Address, "disk"], StringComparison.Ordinal);

        await File.WriteAllBytesAsync(Path.Combine(disk.Directory, "filler"), new byte[(int)(SmallDisk.Bytes * 0.85)], Token);

        var report = await CheckedDeployment.OfAsync(redis);
        Assert.StartsWith("failure: 8", report[redis.Server.Address, "disk"], StringComparison.Ordinal);
        Assert.Contains("Check disk space", report[redis.Server.Address, "disk"], StringComparison.Ordinal);
    }

    // A real replica would have to be cut off for as long.
    [Theory]
    [InlineData("master_link_status:up\r\nmaster_last_io_seconds_ago:31", "failure: 31")]
    [InlineData("master_link_status:up\r\nmaster_last_io_seconds_ago:30", "warning: 30")]
    [InlineData("master_link_status:down\r\nmaster_last_io_seconds_ago:-1\r\nmaster_link_down_since_seconds:31", "failure: 31")]
    public async Task ReplicaBehind_ForMoreThan30Seconds_IsAlerted(string info, string expected)
    {
        await using var replica = ScriptedPeer.Start(command => command[0] switch
        {
            "ROLE" => Resp.Array(Resp.Bulk("slave"), Resp.Bulk("127.0.0.1"), Resp.Number(1), Resp.Bulk("connected"), Resp.Number(1)),
            "INFO" => Resp.Bulk($"role:slave\r\n{info}\r\n"),
            "PING" => Resp.Pong,
            _ => Resp.Error("ERR unknown command"),
        });

        var report = await CheckedDeployment.OfAsync(new Dictionary<string, string> { ["CONVOY_REDIS_HOST"] = $"{replica.Endpoint}" });

        var row = report[$"{replica.Endpoint}", "master_last_io_seconds_ago"];
        Assert.StartsWith(expected, row, StringComparison.Ordinal);
        Assert.Contains(Network, row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StandaloneSchemeAtAReplicaOrASentinel_SaysWhichSchemeToUse()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var replica = topology.Nodes[1];
        var variables = new Dictionary<string, string>
        {
            ["CONVOY_REDIS_HOST"] = replica.Address,
            ["CONVOY_REDIS_PASSWORD"] = topology.Options.Password!,
        };
        Assert.Matches("failure: replica; This is a replica.* scheme redis-sentinel", (await CheckedDeployment.OfAsync(variables))[replica.Address, "role"]);

        variables = new() { ["CONVOY_REDIS_HOST"] = topology.Sentinels[0].Address };
        Assert.Matches("failure: down; .* is a sentinel, .* scheme redis-sentinel", (await CheckedDeployment.OfAsync(variables))[topology.Sentinels[0].Address, "ping"]);
    }

    [Fact]
    public async Task ReaderEndpoint_IsCheckedToo_AndMustBeAReplica()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var (master, replica) = (await topology.GetMasterAsync(Token), topology.Nodes[1]);
        var variables = new Dictionary<string, string>
        {
            ["CONVOY_REDIS_HOST"] = master.Address,
            ["CONVOY_REDIS_PASSWORD"] = topology.Options.Password!,
            ["CONVOY_REDIS_READ_FROM"] = "prefer_replica",
            ["CONVOY_REDIS_REPLICA_ADDRESSES"] = replica.Address,
        };
        var report = await CheckedDeployment.OfAsync(variables);
        Assert.Equal(["ok: replica", "ok: master"], [report[replica.Address, "role"]!.Split(';')[0], report[master.Address, "role"]!.Split(';')[0]]);

        await replica.ExecuteAsync("REPLICAOF", "NO", "ONE");

        Assert.Matches("failure: master; Nothing is read from this node", (await CheckedDeployment.OfAsync(variables))[replica.Address, "role"]);
    }

    [Fact]
    public async Task SentinelSchemeSetWrongly_SaysWhatTheSettingsMean()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { SentinelPassword = "for sentinels" }, Token);
        async Task<string?> LinkAsync(string variable, string value, string subject)
        {
            var variables = topology.EnvironmentVariables.ToDictionary();
            variables[variable] = value;
            var report = await CheckedDeployment.OfAsync(variables);
            Assert.Equal(2, report.ExitCode);
            return report[subject, "link"];
        }

        var (node, sentinel) = (topology.Nodes[0].Address, topology.Sentinels[0].Address);
        Assert.Matches("failure: down; .*set host to the sentinels, not to the Redis nodes", await LinkAsync("CONVOY_REDIS_HOST", node, node));
        Assert.Matches("failure: down; .*'sentinel monitor'", await LinkAsync("CONVOY_REDIS_SENTINEL_MASTER_NAME", "other", sentinel));
        Assert.Matches("failure: down; .*CONVOY_REDIS_SENTINEL_PASSWORD", await LinkAsync("CONVOY_REDIS_SENTINEL_PASSWORD", "", sentinel));
    }
}
