using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace ConvoyRedis.Client.IntegrationTests.Recipes;

/// <summary>A span for each Redis command, under the span of whoever issued it; published within a second of its end.</summary>
internal sealed class RedisCommandSpans(IConnectionMultiplexer redis) : BackgroundService
{
    public const string SourceName = "MyService.Redis";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestCommand = TimeSpan.FromMinutes(1);
    private static readonly ActivitySource Source = new(SourceName);

    // One session for each command that has not ended.
    private readonly ConcurrentQueue<ProfilingSession> _sessions = new();

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        redis.RegisterProfiler(Profile);
        return base.StartAsync(cancellationToken);
    }

    // A host may stop before the loop has begun.
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Publish();
    }

    // Services that stop later than this one still issue commands.
    public override void Dispose()
    {
        redis.RegisterProfiler(() => null);
        Publish();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Period, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Publish();
        }
    }

    private ProfilingSession? Profile()
    {
        if (Activity.Current is not { Recorded: true } caller)
            return null;
        var session = new ProfilingSession((caller.Context, DateTime.UtcNow));
        _sessions.Enqueue(session);
        return session;
    }

    private void Publish()
    {
        for (var left = _sessions.Count; left > 0 && _sessions.TryDequeue(out var session); left--)
        {
            var (caller, issued) = ((ActivityContext, DateTime))session.UserToken!;
            var commands = session.FinishProfiling().ToList();

            // A command that StackExchange.Redis refuses to send never ends.
            if (commands.Count == 0 && DateTime.UtcNow - issued < LongestCommand)
                _sessions.Enqueue(session);
            foreach (var command in commands)
            {
                var tags = new ActivityTagsCollection { ["db.system.name"] = "redis", ["db.operation.name"] = command.Command, ["db.namespace"] = command.Db };
                using var span = Source.StartActivity(command.Command, ActivityKind.Client, caller, tags, startTime: command.CommandCreated);
                span?.SetEndTime(command.CommandCreated + command.ElapsedTime);
            }
        }
    }
}
