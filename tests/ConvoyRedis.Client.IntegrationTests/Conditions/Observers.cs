using System.Diagnostics;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Conditions;

/// <summary>A service that is connected to a deployment: its log, its health check, and what <c>convoy-redis check</c> reports beside it.</summary>
internal sealed class Observers : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeLogCollector _logs = new();
    private readonly RedisTopology _topology;
    private readonly ServiceProvider _provider;

    private Observers(RedisTopology topology)
    {
        _topology = topology;
        var services = new ServiceCollection().AddLogging(builder => builder.AddProvider(new FakeLoggerProvider(_logs)).SetMinimumLevel(LogLevel.Debug));
        services.AddConvoyRedis(Deployment.Sources(topology.EnvironmentVariables));
        services.AddHealthChecks().AddConvoyRedis();
        _provider = services.BuildServiceProvider();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public IDatabase Database => _provider.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    /// <summary>Connects, and waits until the deployment is healthy.</summary>
    public static async Task<Observers> StartAsync(RedisTopology topology)
    {
        var observers = new Observers(topology);
        await observers._provider.GetRequiredService<IConvoyRedisConnection>().GetMultiplexerAsync(Token);
        await observers.HealthBecomesAsync(HealthStatus.Healthy);
        return observers;
    }

    /// <summary>The messages of ours at a level that contain all of these parts.</summary>
    public IEnumerable<string> Logged(LogLevel level, params string[] parts) => _logs.GetSnapshot()
        .Where(line => line.Level == level && line.Category!.StartsWith("ConvoyRedis", StringComparison.Ordinal))
        .Select(line => line.Message).Where(message => parts.All(part => message.Contains(part, StringComparison.Ordinal)));

    public async Task LogBecomesAsync(LogLevel level, params string[] parts)
    {
        var began = Stopwatch.GetTimestamp();
        for (; !Logged(level, parts).Any(); await Task.Delay(50, Token))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience,
                $"No message has {string.Join(" … ", parts)}, but:\n{string.Join('\n', Logged(level).TakeLast(20))}");
        }
    }

    // Sentinels need seconds to notice, and links a second to ask.
    public async Task HealthBecomesAsync(HealthStatus status, params string[] parts)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var report = await _provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
            var entry = Assert.Single(report.Entries).Value;
            if (entry.Status == status && parts.All(part => entry.Description!.Contains(part, StringComparison.Ordinal)))
                return;
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience,
                $"Not {status} with {string.Join(" … ", parts)}, but {entry.Status}: {entry.Description} {entry.Exception}");
            await Task.Delay(100, Token);
        }
    }

    public Task<CheckedDeployment> CheckBecomesAsync(string subject, string check, string beginning, string part = "") =>
        CheckedDeployment.BecomesAsync(_topology, subject, check, beginning, part);

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}
