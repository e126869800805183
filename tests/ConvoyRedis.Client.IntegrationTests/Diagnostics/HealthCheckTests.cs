using System.Collections.Concurrent;
using System.Diagnostics;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ConvoyRedis.Client.IntegrationTests.Diagnostics;

/// <summary>The health check on real conditions: what it finds, how bad it calls that, and the guide's cure for it.</summary>
public sealed class HealthCheckTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HealthyTopology_IsHealthyAndTellsMasterPhaseAndEpoch()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var provider = Services(topology);

        var entry = await BecomesAsync(provider, HealthStatus.Healthy);

        Assert.Equal((await topology.GetMasterAsync(Token)).Address, entry.Data["master"]);
        Assert.Equal("Following", entry.Data["phase"]);
        Assert.IsType<long>(entry.Data["epoch"]);
        Assert.InRange((double)entry.Data["latency_ms"], 0.001, 2000);
        Assert.Equal(["ready", "redis"], entry.Tags.Order());

        // The write that it tries leaves nothing behind, and no command of it is administrative.
        Assert.Equal("0", (await (await topology.GetMasterAsync(Token)).ExecuteAsync(["DBSIZE"], Token)).Text);
    }

    [Fact]
    public async Task PlannedFailover_IsNeverUnhealthy_AndIsTold()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var provider = Services(topology);
        await BecomesAsync(provider, HealthStatus.Healthy);
        var (seen, isOver) = (new ConcurrentBag<HealthStatus>(), false);
        var looking = Task.Run(
            async () =>
            {
                while (!Volatile.Read(ref isOver))
                    seen.Add((await CheckAsync(provider)).Status);
            },
            Token);

        await topology.FailoverAsync(Token);
        await topology.WaitUntilSettledAsync(Token);
        Volatile.Write(ref isOver, true);
        await looking;

        Assert.DoesNotContain(HealthStatus.Unhealthy, seen);
        var entry = await BecomesAsync(provider, HealthStatus.Healthy);
        Assert.Contains("Promoted", entry.Data["last_failover"].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeadMaster_IsDegradedWhileCallersWait_ThenUnhealthy()
    {
        await using var topology = await SentinelTopology.StartAsync(
            new SentinelOptions { DownAfter = TimeSpan.FromSeconds(60) }, Token);
        await using var provider = Services(topology, grace: TimeSpan.FromSeconds(6));
        await BecomesAsync(provider, HealthStatus.Healthy);

        await (await topology.GetMasterAsync(Token)).KillAsync();

        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(provider)).Status);
        await BecomesAsync(provider, HealthStatus.Unhealthy);
    }

    [Fact]
    public async Task ReadsAreForReplicas_AndNoneIsInStep_IsDegraded()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var provider = Services(topology, readFrom: "prefer_replica");
        var master = await topology.GetMasterAsync(Token);
        var replicas = topology.Nodes.Where(node => node != master).ToList();
        await Eventually.TrueAsync(
            async () => (await CheckAsync(provider)).Data.TryGetValue("reading_from", out var node) && replicas.Exists(replica => replica.Address.Equals(node)), Token);
        await BecomesAsync(provider, HealthStatus.Healthy);

        foreach (var replica in replicas)
            await replica.KillAsync();

        var entry = await BecomesAsync(provider, HealthStatus.Degraded, "No replica is in step");
        Assert.Equal(master.Address, entry.Data["reading_from"]);
    }

    [Fact]
    public async Task FailingSnapshot_IsDegraded_OrUnhealthyWhereItStopsWrites()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var provider = Services(redis);
        await BecomesAsync(provider, HealthStatus.Healthy);
        await redis.Server.ExecuteAsync("CONFIG", "SET", "stop-writes-on-bgsave-error", "no");

        // A directory by the name of the file that the snapshot is renamed to.
        Directory.CreateDirectory(Path.Combine(redis.Server.DataDirectory, "dump.rdb", "in-the-way"));
        await redis.Server.ExecuteAsync("BGSAVE");
        await BecomesAsync(provider, HealthStatus.Degraded, "rdb_last_bgsave_status is err", "disk space");

        await redis.Server.ExecuteAsync("CONFIG", "SET", "save", "3600 1");
        await redis.Server.ExecuteAsync("CONFIG", "SET", "stop-writes-on-bgsave-error", "yes");
        await BecomesAsync(provider, HealthStatus.Unhealthy, "MISCONF", "disk space");
    }

    [Fact]
    public async Task UserWithoutAdministration_IsHealthy_AndKeyedCheckIsNamedByItsKey()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["user app on >s3cret ~* &* +@all -@admin -@dangerous +info"] }, Token);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddKeyedConvoyRedis("orders", options =>
            (options.Host, options.Port, options.Username, options.Password) = (redis.Server.Host, redis.Server.Port, "app", "s3cret"));
        services.AddHealthChecks().AddConvoyRedis("orders");
        await using var provider = services.BuildServiceProvider();

        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);

        Assert.Equal((HealthStatus.Healthy, "redis:orders"), (report.Status, Assert.Single(report.Entries).Key));
    }

    private static ServiceProvider Services(RedisTopology topology, TimeSpan? grace = null, string? readFrom = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        var variables = new Dictionary<string, string>(topology.EnvironmentVariables);
        if (readFrom is not null)
            variables["CONVOY_REDIS_READ_FROM"] = readFrom;
        services.AddConvoyRedis(Deployment.Sources(variables));
        services.AddHealthChecks().AddConvoyRedis(grace: grace);
        return services.BuildServiceProvider();
    }

    private static async Task<HealthReportEntry> CheckAsync(ServiceProvider provider) =>
        Assert.Single((await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token)).Entries).Value;

    // Sentinels need seconds to notice, and links a second to ask.
    private static async Task<HealthReportEntry> BecomesAsync(ServiceProvider provider, HealthStatus status, params string[] texts)
    {
        HealthReportEntry entry = default;
        for (var deadline = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(deadline) < Patience; await Task.Delay(100, Token))
        {
            entry = await CheckAsync(provider);
            if (entry.Status == status && texts.All(text => entry.Description!.Contains(text, StringComparison.Ordinal)))
                return entry;
        }

        throw new TimeoutException($"Wanted {status} with {string.Join(" and ", texts)}; the last was {entry.Status}: {entry.Description}", entry.Exception);
    }
}
