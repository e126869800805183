using System.Diagnostics;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Diagnostics;

/// <summary>The troubles of the guide, brought about for real: one line in the log, or an exception, that carries the guide's cure.</summary>
public sealed class TroubleshootingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeLogCollector _logs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WritesWithoutEnoughReplicas_AreToldOnceWithTheirCure()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        using var host = await StartAsync(redis);
        await redis.Server.ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", "1");

        for (var i = 0; i < 10; i++)
            await Assert.ThrowsAsync<RedisServerException>(() => Database(host).StringSetAsync("key", "value"));

        Assert.Contains("Check the network between the nodes", Assert.Single(Lines(LogLevel.Warning, "NOREPLICAS")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadOnly_StandaloneSchemeAtAReplica_IsToldWithItsCure()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { Password = null }, Token);
        var replica = topology.Nodes[1];
        var variables = new Dictionary<string, string> { ["CONVOY_REDIS_HOST"] = replica.Address, ["CONVOY_REDIS_COMMAND_TIMEOUT"] = "1s", ["CONVOY_REDIS_HOLD_DEADLINE"] = "200ms" };

        using var host = await Deployment.StartHostAsync(variables, _logs, Token);
        var refused = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => Connection(host).GetMultiplexerAsync(Token));

        Assert.Equal(ConvoyRedisFault.NotMaster, refused.Fault);
        Assert.Contains("use the scheme redis-sentinel", refused.Message, StringComparison.Ordinal);
        await ToldAsync(LogLevel.Warning, "writes to it fail (READONLY). This is a replica. For high availability, use the scheme redis-sentinel");
    }

    [Fact]
    public async Task SentinelSchemeAtARedisNode_SaysWhatTheSettingsMean()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { Password = null }, Token);
        var variables = topology.EnvironmentVariables.ToDictionary();
        variables["CONVOY_REDIS_HOST"] = topology.Nodes[0].Address;

        using var host = await Deployment.StartHostAsync(variables, _logs, Token);
        var refused = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => Connection(host).GetMultiplexerAsync(Token));

        Assert.Equal(ConvoyRedisFault.WrongServer, refused.Fault);
        Assert.Contains("set host to the sentinels, not to the Redis nodes; port to the sentinels' port, usually 26379", refused.Message, StringComparison.Ordinal);
        await ToldAsync(LogLevel.Error, "This is not a sentinel", "set host to the sentinels");
    }

    [Fact]
    public async Task StandaloneSchemeAtASentinel_SaysWhatTheSettingsMean()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var options = new ConvoyRedisOptions { Host = topology.Sentinels[0].Address };

        var refused = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        Assert.Equal(ConvoyRedisFault.WrongServer, refused.Fault);
        Assert.Contains("is a sentinel", refused.Message, StringComparison.Ordinal);
        Assert.Contains("scheme redis-sentinel", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Phases_OfAPlannedFailoverAndADeadMaster_AreToldEachInALine()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        using var host = await StartAsync(topology);
        var first = (await topology.GetMasterAsync(Token)).Address;

        await topology.FailoverAsync(Token);
        await ToldAsync(LogLevel.Information, "Following master", $"previous: {first}");
        await topology.WaitUntilSettledAsync(Token);
        var second = await topology.GetMasterAsync(Token);
        await second.KillAsync();
        await ToldAsync(LogLevel.Information, "Following master", $"previous: {second.Address}");

        Assert.Single(Lines(LogLevel.Information, $"Sentinels started failing over {first}"));
        Assert.Single(Lines(LogLevel.Information, $"Planned failover of {first}"));
        Assert.Contains("all sentinels reach each other", Assert.Single(Lines(LogLevel.Warning, $"Master {second.Address} is down")), StringComparison.Ordinal);
    }

    private async Task<IHost> StartAsync(RedisTopology topology)
    {
        var host = await Deployment.StartHostAsync(topology.EnvironmentVariables, _logs, Token);
        await Connection(host).GetMultiplexerAsync(Token);
        return host;
    }

    private static IConvoyRedisConnection Connection(IHost host) => host.Services.GetRequiredService<IConvoyRedisConnection>();

    private static IDatabase Database(IHost host) => host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    private IEnumerable<string> Lines(LogLevel level, params string[] parts) => _logs.GetSnapshot()
        .Where(line => line.Level == level && line.Category!.StartsWith("ConvoyRedis", StringComparison.Ordinal))
        .Select(line => line.Message).Where(message => parts.All(part => message.Contains(part, StringComparison.Ordinal)));

    private async Task ToldAsync(LogLevel level, params string[] parts)
    {
        var began = Stopwatch.GetTimestamp();
        for (; !Lines(level, parts).Any(); await Task.Delay(50, Token))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience,
                $"Nobody told {string.Join(" … ", parts)}, but:\n{string.Join('\n', Lines(level).TakeLast(20))}");
        }
    }
}
