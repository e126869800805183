using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>What sets managed services apart from a Redis of one's own (docs/managed.md), as far as it can be made here.</summary>
public sealed class ManagedServiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // An authority that the system trusts, and an intermediate one that the server sends along.
    [Fact]
    public async Task PublicChain_IsTrustedByTheSystemsAuthoritiesAlone()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Password = "p", Tls = new TlsSettings { IntermediateAuthority = true, ServerNames = ["localhost"] } }, Token);
        var variables = redis.EnvironmentVariables.ToDictionary();
        variables.Remove("CONVOY_REDIS_TLS_CA_CERT_FILE");
        variables["CONVOY_REDIS_HOST"] = "localhost";

        // On a busy machine, to load the system's authorities takes longer than a connection may by default.
        variables["CONVOY_REDIS_CONNECT_TIMEOUT"] = "30s";

        var (refused, output, _) = await ConvoyRedisTool.RunAsync(variables, Path.GetTempPath(), "check", "--timeout", "30s");
        variables["SSL_CERT_FILE"] = redis.Certificates!.AuthorityFile;
        var trusted = await CheckedDeployment.OfAsync(variables);

        Assert.Equal(2, refused);
        Assert.Contains("The certificate of localhost", output, StringComparison.Ordinal);
        Assert.Contains("used_memory", trusted.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EndpointThatMovesUnderTheSameName_IsFollowed(bool isOldOneDead)
    {
        await using var old = await StandaloneRedis.StartAsync(new StandaloneOptions { Password = "p" }, Token);
        await using var next = await StandaloneRedis.StartAsync(new StandaloneOptions { Password = "p", Beside = old }, Token);
        await using var endpoint = TcpProxy.Start(old.Server.Host, old.Server.Port);
        var options = old.Options();
        (options.Host, options.Port) = ("localhost", endpoint.Port);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync("key", "before");

        // An address stays with its node, as a proxy's does not: whoever watches the node's role must have met it.
        await Eventually.TrueAsync(() => endpoint.ConnectionCount >= 2, Token);

        // As providers do it: the name leads elsewhere, and the old node is gone, or lives on as a replica.
        endpoint.Retarget(next.Server.Host, next.Server.Port);
        if (isOldOneDead)
            await old.Server.KillAsync();
        else
            await old.Server.ExecuteAsync(["REPLICAOF", next.Server.Host, $"{next.Server.Port}"], Token);
        await Eventually.TrueAsync(() => SucceedsAsync(() => database.StringSetAsync("key", "after")), Token);

        Assert.Equal("after", (await next.Server.ExecuteAsync("GET", "key")).Text);
    }

    [Fact]
    public async Task ConfigAndClientRefused_ConnectsWritesSubscribesAndIsHealthy()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["user app on >s3cret ~* &* +@all -config -client -cluster -role -@dangerous"] }, Token);

        await AssertServesAsync(redis.Server.Port);
    }

    [Fact]
    public async Task InfoCutDown_ConnectsWritesSubscribesAndIsHealthy()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["user app on >s3cret ~* &* +@all"] }, Token);
        await using var service = new CutDownInfo(redis.Server);

        await AssertServesAsync(service.Port);
        Assert.InRange(service.Count, 1, int.MaxValue);
    }

    private static async Task AssertServesAsync(int port)
    {
        Dictionary<string, string> variables = new()
        {
            ["CONVOY_REDIS_HOST"] = "localhost",
            ["CONVOY_REDIS_PORT"] = $"{port}",
            ["CONVOY_REDIS_USERNAME"] = "app",
            ["CONVOY_REDIS_PASSWORD"] = "s3cret",
        };
        var services = new ServiceCollection().AddLogging();
        services.AddConvoyRedis(Deployment.Sources(variables));
        services.AddHealthChecks().AddConvoyRedis();
        await using var provider = services.BuildServiceProvider();
        var multiplexer = await provider.GetRequiredService<IConvoyRedisConnection>().GetMultiplexerAsync(Token);
        var heard = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);

        await multiplexer.GetDatabase().StringSetAsync("key", "value");
        await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("channel"), (_, message) => heard.TrySetResult(message));
        await multiplexer.GetDatabase().PublishAsync(RedisChannel.Literal("channel"), "message");
        var health = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);

        Assert.Equal("value", await multiplexer.GetDatabase().StringGetAsync("key"));
        Assert.Equal("message", await heard.Task.WaitAsync(TimeSpan.FromSeconds(10), Token));
        Assert.Equal(HealthStatus.Healthy, health.Status);
        await CheckedDeployment.IsWellAsync(variables);
    }

    private static async Task<bool> SucceedsAsync(Func<Task> command)
    {
        try
        {
            await command();
            return true;
        }
        catch (RedisException)
        {
            return false;
        }
    }
}
