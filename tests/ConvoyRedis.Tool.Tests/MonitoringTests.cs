using System.Net.Sockets;
using ConvoyRedis.Client;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tool.Tests;

/// <summary>Every row of the guide's "Monitoring" and every alert behind it: the real condition, and what <c>convoy-redis check</c> says of it.</summary>
public sealed class MonitoringTests
{
    private const string Network = "Check the network between the nodes";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UsedMemory_AboveItsBounds_IsWarnedOfThenAlertedThenRefusesWrites()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        var node = redis.Server.Address;
        async Task LimitAsync(double share) =>
            await redis.Server.ExecuteAsync("CONFIG", "SET", "maxmemory", $"{long.Parse((await redis.Server.GetInfoAsync("used_memory", Token))!, null) / share:0}");

        // What is used moves by some kilobytes from one moment to the next.
        await redis.Server.ExecuteAsync("SET", "filler", new string('x', 20_000_000));
        await LimitAsync(0.775);
        await CheckedDeployment.BecomesAsync(redis, node, "used_memory", "warning: 7", "queue depths");
        await LimitAsync(0.85);
        await CheckedDeployment.BecomesAsync(redis, node, "used_memory", "failure: 8", "raise maxmemory");
        await LimitAsync(1.5);
        var report = await CheckedDeployment.BecomesAsync(redis, node, "writes", "failure: OOM", "raise maxmemory");
        Assert.Equal(2, report.ExitCode);
    }

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
            redis, redis.Server.Address, "instantaneous_ops_per_sec", "warning: ", "spikes may signal trouble", "--max-ops", "100");
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

    [Fact]
    public async Task ReplicaCutOff_LinkAndLag_AreWarnedOfThenAlerted()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var master = await topology.GetMasterAsync(Token);
        var replica = topology.Nodes.First(node => node != master);

        await replica.ExecuteAsync("CONFIG", "SET", "masterauth", "no longer right");
        await master.ExecuteAsync("CLIENT", "KILL", "TYPE", "replica");

        await CheckedDeployment.BecomesAsync(topology, replica.Address, "master_link_status", "warning: down", Network);
        await CheckedDeployment.BecomesAsync(topology, master.Address, "connected_slaves", "warning: 1", Network);
        await CheckedDeployment.BecomesAsync(topology, replica.Address, "master_last_io_seconds_ago", "warning: 1", Network);
        await CheckedDeployment.BecomesAsync(topology, topology.Sentinels[0].Address, "replicas", "warning: 1 of 2 in step", Network);
        var report = await CheckedDeployment.BecomesAsync(topology, replica.Address, "master_last_io_seconds_ago", "failure: 3", Network);
        Assert.StartsWith("warning: differs from ours", report[replica.Address, "masterauth"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task MasterHung_LinkUp_LagIsWarnedOf()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { DownAfter = TimeSpan.FromMinutes(2) }, Token);
        var master = await topology.GetMasterAsync(Token);
        var replica = topology.Nodes.First(node => node != master);

        await master.HangAsync();

        var report = await CheckedDeployment.BecomesAsync(topology, replica.Address, "master_last_io_seconds_ago", "warning: 1", Network);
        Assert.Equal("ok: up; ", report[replica.Address, "master_link_status"]);
        Assert.StartsWith("failure: down", report[master.Address, "ping"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quorum_Lost_IsAlerted()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await topology.Sentinels[0].KillAsync();
        await topology.Sentinels[1].KillAsync();

        var report = await CheckedDeployment.BecomesAsync(
            topology, topology.Sentinels[2].Address, "ckquorum", "failure: NOQUORUM", "without a quorum there is no automatic failover");
        Assert.Equal(2, report.ExitCode);
    }

    [Fact]
    public async Task MasterDownForOneSentinelOnly_SaysThatNothingFailsOver()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { DownAfter = TimeSpan.FromMinutes(2) }, Token);
        var alone = topology.Sentinels[0];
        await alone.ExecuteAsync("SENTINEL", "SET", topology.Options.MasterName, "down-after-milliseconds", "1000");
        await (await topology.GetMasterAsync(Token)).HangAsync();

        var report = await CheckedDeployment.BecomesAsync(topology, alone.Address, "masters", "failure: s_down,master", "sdown, no odown");
        Assert.Equal("ok: master; ", report[topology.Sentinels[1].Address, "masters"]);
        Assert.Contains("Set the same on every sentinel.", report[alone.Address, "down-after"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loading_LargeFile_IsToldAsSuch()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["key-load-delay 100", "loading-process-events-interval-bytes 1024"] }, Token);
        await redis.Server.ExecuteAsync("EVAL", "for i = 1, 30000 do redis.call('SET', 'filler:' .. i, i) end", "0");
        await redis.Server.KillAsync();
        var restarting = redis.Server.RestartAsync(Token);

        await CheckedDeployment.BecomesAsync(redis, redis.Server.Address, "ping", "failure: loading", "Redis reads its data after a restart");
        await restarting;
        await CheckedDeployment.BecomesAsync(redis, redis.Server.Address, "ping", "ok: ", "");
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
        Assert.Matches("failure: replica; This is a replica.* redis-sentinel scheme", (await CheckedDeployment.OfAsync(variables))[replica.Address, "role"]);

        variables = new() { ["CONVOY_REDIS_HOST"] = topology.Sentinels[0].Address };
        Assert.Matches("failure: down; .* is a sentinel, .* redis-sentinel scheme", (await CheckedDeployment.OfAsync(variables))[topology.Sentinels[0].Address, "ping"]);
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
        Assert.Matches("failure: down; .*host lists the sentinels, not the Redis nodes", await LinkAsync("CONVOY_REDIS_HOST", node, node));
        Assert.Matches("failure: down; .*'sentinel monitor'", await LinkAsync("CONVOY_REDIS_SENTINEL_MASTER_NAME", "other", sentinel));
        Assert.Matches("failure: down; .*CONVOY_REDIS_SENTINEL_PASSWORD", await LinkAsync("CONVOY_REDIS_SENTINEL_PASSWORD", "", sentinel));
    }
}
