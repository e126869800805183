using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>Commands of ours, and of StackExchange.Redis, that a provider may not have or not allow (the table in docs/managed.md).</summary>
public sealed class RefusedCommandsTests
{
    private const string Everything = "everything";
    private const string Username = "app";
    private const string Password = "s3cret";

    private static readonly string[] Commands = ["ROLE", "HELLO", "CLIENT", "ECHO", "INFO", "SCRIPT", "CONFIG", "CLUSTER", "READONLY", "WAIT"];

    // PING is not among those that may all be refused at once: nothing would be left to tell a login that works from one without any rights.
    // It is not renamed either, because a test server that answers PING has started.
    private const string Ping = "PING";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Cases =>
        [.. from command in Commands.Append(Everything) from isRenamed in (bool[])[true, false] select (command, isRenamed), (Ping, false)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Command_RenamedAwayOrRefusedByAcl_ServesAllTheSame(string refused, bool isRenamed)
    {
        var commands = refused == Everything ? Commands : [refused];
        string[] configuration = isRenamed ? [.. commands.Select(command => $"rename-command {command} \"\""), User([])] : [User(commands)];
        await using var redis = await StandaloneRedis.StartAsync(new StandaloneOptions { Configuration = configuration }, Token);
        var services = new ServiceCollection().AddLogging();
        services.AddConvoyRedis(Deployment.Sources(VariablesOfUser(redis)));
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
        await redis.Server.KillAsync();
        await redis.Server.RestartAsync(Token);
        await Eventually.TrueAsync(() => TryAsync(() => database.StringSetAsync("key", "after")), Token);

        Assert.Equal("after", (string?)await database.StringGetAsync("key"));
        Assert.Equal("message", await heard.Task.WaitAsync(TimeSpan.FromSeconds(10), Token));
        Assert.NotEqual(HealthStatus.Unhealthy, health.Status);
        await AssertChecksWellAsync(redis);
    }

    // StackExchange.Redis, which sees by INFO that it is a replica, would refuse writes for a minute.
    [Fact]
    public async Task Promotion_RoleRefusedOnAnAcceptedReplica_IsWrittenToSoon()
    {
        await using var redis = await StandaloneRedis.StartAsync(new StandaloneOptions { Configuration = [User(["ROLE"])] }, Token);
        await redis.Server.ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        await using var connection = await ConvoyRedisConnection.ConnectAsync(AsUser(redis), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await Assert.ThrowsAnyAsync<RedisException>(() => database.StringSetAsync("key", "refused"));

        await redis.Server.ExecuteAsync("REPLICAOF", "NO", "ONE");

        await Eventually.TrueAsync(() => TryAsync(() => database.StringSetAsync("key", "value")), Token);
    }

    [Theory]
    [InlineData("ROLE")]
    [InlineData(Everything)]
    public async Task MasterKilled_CommandsRefusedOnTheNodes_IsFollowed(string refused)
    {
        await using var topology = await StartSentinelsAsync(refused);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(AsUser(topology), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        Assert.True(await database.StringSetAsync("key", "before"));
        var old = await topology.GetMasterAsync(Token);

        await old.KillAsync();
        await Eventually.TrueAsync(async () => connection.Master?.Port != old.Port && await TryAsync(() => database.StringSetAsync("key", "after")), Token);

        Assert.Equal("after", (await MasterOf(connection, topology).ExecuteAsync("GET", "key")).Text);
    }

    [Theory]
    [InlineData("ROLE")]
    [InlineData(Everything)]
    public async Task PlannedFailover_CommandsRefusedOnTheNodes_FailsNoCommandAndChecksWell(string refused)
    {
        await using var topology = await StartSentinelsAsync(refused);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(AsUser(topology), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.ScriptEvaluateAsync("return 1");
        var old = await topology.GetMasterAsync(Token);
        await using var load = new Load(database, writers: 16, bytes: 100);
        await Eventually.TrueAsync(() => load.Acknowledged > 200, Token);

        await topology.FailoverAsync(Token);
        await Eventually.TrueAsync(() => connection.Master?.Port != old.Port, Token);
        var after = load.Acknowledged;
        await Eventually.TrueAsync(() => load.Acknowledged > after + 200, Token);
        await load.StopAsync();
        var (_, repeated) = await load.CheckAsync();
        await topology.WaitUntilSettledAsync(Token);

        Assert.Empty(load.Errors);
        Assert.Equal(0, repeated);
        await AssertChecksWellAsync(topology);
    }

    [Fact]
    public async Task Drill_RoleRefused_SaysSoAtOnce()
    {
        await using var topology = await StartSentinelsAsync("ROLE");

        var (exitCode, _, error) = await ConvoyRedisTool.RunAsync(VariablesOfUser(topology), Path.GetTempPath(), "drill");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("needs ROLE", error, StringComparison.Ordinal);
    }

    // Without CLUSTER, StackExchange.Redis reaches the keys of one node alone.
    [Theory]
    [InlineData("INFO")]
    [InlineData("READONLY")]
    [InlineData(Everything)]
    public async Task Cluster_CommandsButClusterRefused_TakesWritesToEachNode(string refused)
    {
        await using var cluster = await StartClusterAsync(refused == Everything ? Commands.Except(["CLUSTER"]) : [refused]);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(AsUser(cluster), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => database.StringSetAsync($"key:{number}", number)));

        foreach (var node in cluster.Nodes)
            Assert.NotEqual("0", (await node.ExecuteAsync("DBSIZE")).Text);
        await AssertChecksWellAsync(cluster);
    }

    [Theory]
    [InlineData("CLUSTER")]
    [InlineData(Everything)]
    public async Task Cluster_ClusterRefused_ChecksWell(string refused)
    {
        await using var cluster = await StartClusterAsync(refused == Everything ? Commands : [refused]);

        await AssertChecksWellAsync(cluster);
    }

    // The sentinels say nothing of it: what the replies say is all that there is.
    [Fact]
    public async Task Demotion_RoleRefused_IsFollowed()
    {
        await using var one = await StandaloneRedis.StartAsync(new StandaloneOptions { Configuration = [User(["ROLE"])] }, Token);
        await using var two = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = one, Configuration = [User(["ROLE"])] }, Token);
        await using var proxy = TcpProxy.Start(one.Server.Host, one.Server.Port);
        var options = AsUser(one);
        (options.Host, options.Port) = (proxy.Host, proxy.Port);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.StringSetAsync("key", "before");

        // Whoever watches the node must have met it.
        await Eventually.TrueAsync(() => proxy.ConnectionCount >= 2, Token);
        proxy.Retarget(two.Server.Host, two.Server.Port);
        await one.Server.ExecuteAsync("REPLICAOF", two.Server.Host, $"{two.Server.Port}");
        await Eventually.TrueAsync(() => TryAsync(() => database.StringSetAsync("key", "after")), Token);

        Assert.Equal("after", (await two.Server.ExecuteAsync("GET", "key")).Text);
    }

    private static Task<SentinelTopology> StartSentinelsAsync(string refused) =>
        SentinelTopology.StartAsync(new SentinelOptions { NodeConfiguration = [User(refused == Everything ? Commands : [refused])] }, Token);

    private static Task<ClusterTopology> StartClusterAsync(IEnumerable<string> refused) =>
        ClusterTopology.StartAsync(new ClusterOptions { NodeConfiguration = [User(refused)] }, Token);

    private static Dictionary<string, string> VariablesOfUser(RedisTopology topology) => new(topology.EnvironmentVariables)
    {
        ["CONVOY_REDIS_USERNAME"] = Username,
        ["CONVOY_REDIS_PASSWORD"] = Password,
    };

    private static ConvoyRedisOptions AsUser(RedisTopology topology) => ConvoyRedisOptions.Load(Deployment.Sources(VariablesOfUser(topology)));

    private static Task<string> AssertChecksWellAsync(RedisTopology topology) => CheckedDeployment.IsWellAsync(VariablesOfUser(topology));

    private static RedisServer MasterOf(ConvoyRedisConnection connection, SentinelTopology topology) =>
        topology.Nodes.Single(node => node.Port == connection.Master!.Value.Port);

    private static string User(IEnumerable<string> refused) =>
        $"user {Username} on >{Password} ~* &* +@all {string.Join(' ', refused.Select(command => $"-{command.ToLowerInvariant()}"))}".TrimEnd();

    private static async Task<bool> TryAsync(Func<Task> command)
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
