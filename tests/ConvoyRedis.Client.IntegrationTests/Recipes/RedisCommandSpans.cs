using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace ConvoyRedis.Client.IntegrationTests.Recipes;

/// <summary>A span for each Redis command, under the span of whoever issued it; published within a second.</summary>
internal sealed class RedisCommandSpans(IConnectionMultiplexer redis) : BackgroundService
{
    public const string SourceName = "MyService.Redis";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly ConcurrentDictionary<ActivityContext, ProfilingSession> _sessions = new();

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        redis.RegisterProfiler(() => Activity.Current is { Recorded: true } caller ? _sessions.GetOrAdd(caller.Context, _ => new()) : null);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var (caller, session) in _sessions)
                Publish(caller, session);
        }
    }

    private void Publish(ActivityContext caller, ProfilingSession session)
    {
        var commands = session.FinishProfiling().ToList();
        foreach (var command in commands)
        {
            var tags = new ActivityTagsCollection { ["db.system.name"] = "redis", ["db.operation.name"] = command.Command, ["db.namespace"] = command.Db };
            using var span = Source.StartActivity(command.Command, ActivityKind.Client, caller, tags, startTime: command.CommandCreated);
            span?.SetEndTime(command.CommandCreated + command.ElapsedTime);
        }

        if (commands.Count == 0)
            _sessions.TryRemove(caller, out _);
    }
}
