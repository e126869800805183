using System.Globalization;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Conditions;

/// <summary>
/// The troubles of the guide that are slow to bring about, each brought about once: what the log, the health check and <c>convoy-redis check</c> make of
/// it, with the guide's cure.
/// </summary>
public sealed class ConditionTests
{
    private const string Network = "Check the network between the nodes";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Loading_AfterARestart_IsReportedWithItsEnd()
    {
        ServerVersion.Require(7, "loading-process-events-interval-bytes");
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["key-load-delay 100", "loading-process-events-interval-bytes 1024"] }, Token);
        await using var observers = await Observers.StartAsync(redis);
        await redis.Server.ExecuteAsync("EVAL", "for i = 1, 15000 do redis.call('SET', 'filler:' .. i, i) end", "0");

        await redis.Server.KillAsync();
        var restarting = redis.Server.RestartAsync(Token);
        await observers.CheckBecomesAsync(redis.Server.Address, "ping", "failure: loading", "Redis is loading its data after a restart");
        await restarting;

        await observers.CheckBecomesAsync(redis.Server.Address, "ping", "ok: ");
        await observers.Database.WithRetry().StringSetAsync("key", "value");
        await observers.LogBecomesAsync(LogLevel.Information, "accepts commands again");
        Assert.Contains("Redis is loading its data after a restart", Assert.Single(observers.Logged(LogLevel.Warning, "LOADING")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UsedMemory_AboveItsBoundsThenFull_IsReported()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var observers = await Observers.StartAsync(redis);
        var node = redis.Server.Address;
        async Task LimitAsync(double share)
        {
            var used = long.Parse((await redis.Server.GetInfoAsync("used_memory", Token))!, CultureInfo.InvariantCulture);
            await redis.Server.ExecuteAsync("CONFIG", "SET", "maxmemory", $"{used / share:0}");
        }

        // What is used moves by some kilobytes from one moment to the next.
        await redis.Server.ExecuteAsync("SET", "filler", new string('x', 20_000_000));
        await LimitAsync(0.775);
        await observers.CheckBecomesAsync(node, "used_memory", "warning: 7", "queue depths");
        await observers.HealthBecomesAsync(HealthStatus.Healthy);
        await LimitAsync(0.85);
        await observers.CheckBecomesAsync(node, "used_memory", "failure: 8", "raise maxmemory");
        await observers.HealthBecomesAsync(HealthStatus.Degraded, "of its maxmemory", "queue depths");
        await LimitAsync(1.5);
        var report = await observers.CheckBecomesAsync(node, "writes", "failure: OOM", "raise maxmemory");
        Assert.Equal(2, report.ExitCode);
        await observers.HealthBecomesAsync(HealthStatus.Unhealthy, "OOM", "raise maxmemory");

        for (var i = 0; i < 10; i++)
            await Assert.ThrowsAsync<RedisServerException>(() => observers.Database.StringSetAsync("key", "value"));
        Assert.Contains("queue depths", Assert.Single(observers.Logged(LogLevel.Warning, "OOM")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SentinelsQuorumAndReplica_Lost_AreReportedWithTheirEnd()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var observers = await Observers.StartAsync(topology);
        var (first, second, last) = (topology.Sentinels[0], topology.Sentinels[1], topology.Sentinels[2]);

        await first.KillAsync();
        await observers.HealthBecomesAsync(HealthStatus.Degraded, first.Address, "reachable from here");
        await observers.LogBecomesAsync(LogLevel.Warning, $"Lost sentinel {first.Address}", "reachable from here");

        await second.KillAsync();
        await observers.HealthBecomesAsync(HealthStatus.Degraded, "NOQUORUM", "no automatic failover");
        await observers.LogBecomesAsync(LogLevel.Warning, "NOQUORUM", "without a quorum there is no automatic failover");
        var report = await observers.CheckBecomesAsync(last.Address, "ckquorum", "failure: NOQUORUM", "without a quorum there is no automatic failover");
        Assert.Equal(2, report.ExitCode);

        var master = await topology.GetMasterAsync(Token);
        await topology.Nodes.First(node => node != master).KillAsync();
        await observers.HealthBecomesAsync(HealthStatus.Degraded, "1 of 2 replicas", "network between the nodes");

        await first.RestartAsync(Token);
        await observers.LogBecomesAsync(LogLevel.Information, $"Sentinel {last.Address} reports that a failover is possible again");

        // One line for the loss, however often it is tried to link it again.
        Assert.Single(observers.Logged(LogLevel.Warning, $"{second.Address}: Connection refused"));
    }

    [Fact]
    public async Task ReplicaCutOff_IsReportedWithItsEnd()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var observers = await Observers.StartAsync(topology);
        var master = await topology.GetMasterAsync(Token);
        var replica = topology.Nodes.First(node => node != master);

        // It is noticed by who has seen the replica before.
        await Eventually.TrueAsync(async () => (await master.ExecuteAsync("CLIENT", "LIST")).Text!.Contains("cmd=role", StringComparison.Ordinal), Token);
        await replica.ExecuteAsync("CONFIG", "SET", "masterauth", "no longer right");
        await master.ExecuteAsync("CLIENT", "KILL", "TYPE", "replica");

        await observers.CheckBecomesAsync(replica.Address, "master_link_status", "warning: down", Network);
        await observers.CheckBecomesAsync(master.Address, "connected_slaves", "warning: 1", Network);
        await observers.CheckBecomesAsync(replica.Address, "master_last_io_seconds_ago", "warning: 1", Network);
        var report = await observers.CheckBecomesAsync(topology.Sentinels[0].Address, "replicas", "warning: 1 of 2 in sync", Network);
        Assert.StartsWith("warning: differs;", report[replica.Address, "masterauth"], StringComparison.Ordinal);
        await observers.LogBecomesAsync(LogLevel.Warning, $"Replica {replica.Address} of {master.Address} has been behind", Network, "repl-backlog-size");

        await replica.ExecuteAsync("CONFIG", "SET", "masterauth", topology.Options.Password!);
        await observers.LogBecomesAsync(LogLevel.Information, $"Replica {replica.Address} of {master.Address} has caught up");
    }

    [Fact]
    public async Task MasterHung_OneSentinelAloneConsidersItDown_IsReported()
    {
        await using var topology = await SentinelTopology.StartAsync(
            new SentinelOptions { DownAfter = TimeSpan.FromMinutes(2), NodeConfiguration = ["repl-timeout 600"] }, Token);
        await using var observers = await Observers.StartAsync(topology);
        var (master, alone) = (await topology.GetMasterAsync(Token), topology.Sentinels[0]);
        var replica = topology.Nodes.First(node => node != master);
        await alone.ExecuteAsync("SENTINEL", "SET", topology.Options.MasterName, "down-after-milliseconds", "1000");

        await master.HangAsync();

        await observers.LogBecomesAsync(LogLevel.Warning, $"Sentinel {alone.Address} considers the master down", "sdown, no odown", "reach each other");
        var report = await observers.CheckBecomesAsync(alone.Address, "masters", "failure: s_down,master", "sdown, no odown");
        Assert.Equal("ok: master; ", report[topology.Sentinels[1].Address, "masters"]);
        Assert.Contains("Set the same value on every sentinel.", report[alone.Address, "down-after"], StringComparison.Ordinal);

        // The link stands as long as nobody ends it, and the lag grows.
        report = await observers.CheckBecomesAsync(replica.Address, "master_last_io_seconds_ago", "warning: ", Network);
        Assert.Equal("ok: up; ", report[replica.Address, "master_link_status"]);
        Assert.StartsWith("failure: down", report[master.Address, "ping"], StringComparison.Ordinal);
    }
}
