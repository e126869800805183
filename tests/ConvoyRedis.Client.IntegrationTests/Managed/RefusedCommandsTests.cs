using ConvoyRedis.Client.IntegrationTests.Tool;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>Commands of ours, and of StackExchange.Redis, that a provider may not have or not allow (the table in docs/managed.md).</summary>
public sealed class RefusedCommandsTests
{
    private const string Everything = "everything";

    private static readonly string[] Commands = ["ROLE", "HELLO", "CLIENT", "ECHO", "INFO", "SCRIPT", "CONFIG", "CLUSTER", "READONLY", "WAIT"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Cases =>
        [.. from command in Commands.Append(Everything) from isRenamed in (bool[])[true, false] select (command, isRenamed)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Command_RenamedAwayOrRefusedByAcl_ServesAllTheSame(string refused, bool isRenamed)
    {
        var commands = refused == Everything ? Commands : [refused];
        IEnumerable<string> configuration = isRenamed
            ? [.. commands.Select(command => $"rename-command {command} \"\""), "user app on >s3cret ~* &* +@all"]
            : [$"user app on >s3cret ~* &* +@all {string.Join(' ', commands.Select(command => $"-{command.ToLowerInvariant()}"))}"];
        await using var redis = await StandaloneRedis.StartAsync(new StandaloneOptions { Configuration = [.. configuration] }, Token);
        await using var proxy = TcpProxy.Start(redis.Server.Host, redis.Server.Port);
        Dictionary<string, string> variables = new()
        {
            ["CONVOY_REDIS_HOST"] = proxy.Host,
            ["CONVOY_REDIS_PORT"] = $"{proxy.Port}",
            ["CONVOY_REDIS_USERNAME"] = "app",
            ["CONVOY_REDIS_PASSWORD"] = "s3cret",
        };
        var services = new ServiceCollection().AddLogging();
        services.AddConvoyRedis(Deployment.Sources(variables));
        services.AddHealthChecks().AddConvoyRedis();
        await using var provider = services.BuildServiceProvider();
        var multiplexer = await provider.GetRequiredService<IConvoyRedisConnection>().GetMultiplexerAsync(Token);
        var database = multiplexer.GetDatabase();
        var heard = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);

        Assert.True(await database.StringSetAsync("key", "value"));
        await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("channel"), (_, message) => heard.TrySetResult(message));
        await database.PublishAsync(RedisChannel.Literal("channel"), "message");
        for (var i = 0; i < 2; i++)
            Assert.Equal("value", (string?)await database.ScriptEvaluateAsync("return redis.call('GET', KEYS[1])", ["key"]));
        var health = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        proxy.DropConnections();
        await Eventually.TrueAsync(() => TryReadAsync(database), Token);

        Assert.Equal("message", await heard.Task.WaitAsync(TimeSpan.FromSeconds(10), Token));
        Assert.NotEqual(HealthStatus.Unhealthy, health.Status);
        if (refused == Everything)
        {
            var (exitCode, output, _) = await ConvoyRedisTool.RunAsync(variables, Path.GetTempPath(), "check");
            Assert.InRange(exitCode, 0, 1);
            Assert.Contains(" 0 failures", output, StringComparison.Ordinal);
        }
    }

    private static async Task<bool> TryReadAsync(IDatabase database)
    {
        try
        {
            return await database.StringGetAsync("key") == "value";
        }
        catch (RedisException)
        {
            return false;
        }
    }
}
