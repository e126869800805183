using System.Diagnostics;
using System.Net.Sockets;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Connecting;

/// <summary>What is wrong with a setting fails at once and names the setting; what may pass is waited for.</summary>
public sealed class RefusalTests(SharedTopologies shared) : IClassFixture<SharedTopologies>
{
    private const string Secret = "s3cr3t-of-the-tests";

    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    public static TheoryData<ConvoyRedisTopology> All => Topologies.All;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Connect_WrongPassword_NamesTheSetting(ConvoyRedisTopology kind)
    {
        var topology = await shared.GetAsync(kind, password: "right");
        var options = topology.Options();
        options.Password = Secret;

        await AssertRefusedAsync(options, ConvoyRedisFault.Authentication, "CONVOY_REDIS_PASSWORD");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Connect_NoPasswordWhereOneIsDemanded_NamesTheSetting(ConvoyRedisTopology kind)
    {
        var topology = await shared.GetAsync(kind, password: "right");
        var options = topology.Options();
        options.Password = null;

        await AssertRefusedAsync(options, ConvoyRedisFault.Authentication, "CONVOY_REDIS_PASSWORD");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Connect_PasswordWhereNoneIsSet_NamesTheSetting(ConvoyRedisTopology kind)
    {
        var topology = await shared.GetAsync(kind);
        var options = topology.Options();
        options.Password = Secret;

        await AssertRefusedAsync(options, ConvoyRedisFault.Authentication, "CONVOY_REDIS_PASSWORD");
    }

    [Theory]
    [InlineData(Secret)]
    [InlineData(null)]
    public async Task Connect_WrongSentinelPassword_NamesTheSetting(string? password)
    {
        var topology = await shared.GetAsync(ConvoyRedisTopology.Sentinel, password: "right");
        var options = topology.Options();
        options.SentinelPassword = password;

        await AssertRefusedAsync(options, ConvoyRedisFault.Authentication, "CONVOY_REDIS_SENTINEL_PASSWORD");
    }

    [Fact]
    public async Task Connect_UnknownMasterName_NamesTheSettingAndTheNamesThatThereAre()
    {
        var topology = await shared.GetAsync(ConvoyRedisTopology.Sentinel);
        var options = topology.Options();
        options.MasterName = "mymaster";

        await AssertRefusedAsync(options, ConvoyRedisFault.UnknownMasterName, "CONVOY_REDIS_SENTINEL_MASTER_NAME");
        await AssertRefusedAsync(options, ConvoyRedisFault.UnknownMasterName, "'convoy-redis'");
    }

    [Fact]
    public async Task Connect_AclUserWithoutRights_NamesTheSetting()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = [$"user app on >{Secret} ~* +get"] }, Token);
        var options = redis.Options();
        (options.Username, options.Password) = ("app", Secret);

        await AssertRefusedAsync(options, ConvoyRedisFault.Permission, "CONVOY_REDIS_USERNAME");
    }

    [Fact]
    public async Task Connect_ServerWithoutAuth_DoesNotShowThePasswordThatItRepeats()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["rename-command AUTH hidden"] }, Token);
        var options = redis.Options();
        options.Password = Secret;

        await AssertRefusedAsync(options, ConvoyRedisFault.Authentication, "CONVOY_REDIS_PASSWORD");
    }

    [Fact]
    public async Task Connect_NobodyThere_SaysWhatWasTriedAndForHowLong()
    {
        var options = ConvoyRedisOptions.Parse("redis-sentinel://127.0.0.1:1,localhost:2?master=m&command_timeout=2s");

        var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        Assert.False(exception.IsFinal);
        Assert.All((string[])["127.0.0.1:1", "localhost:2", "2 s", "command_timeout"],
            mention => Assert.Contains(mention, exception.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connect_AsManyClientsAsAreAllowed_SaysSo(bool isTls)
    {
        await using var redis = await StandaloneRedis.StartAsync(new StandaloneOptions { Tls = isTls ? SharedTopologies.Tls : null }, Token);
        var options = redis.Options();
        (options.CommandTimeout, options.HoldDeadline) = (TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500));
        await redis.Server.ExecuteAsync("CONFIG", "SET", "maxclients", "1");
        using var other = new TcpClient(redis.Server.Host, redis.Server.Port);
        await Task.Delay(100, Token);

        var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        Assert.False(exception.IsFinal);
        Assert.Contains("maxclients", exception.Message, StringComparison.Ordinal);
        Assert.Equal(!isTls, exception.Message.Contains("answered 'ERR max number of clients reached'. Raise maxclients", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connect_ServerLoads_WaitsForIt()
    {
        ServerVersion.Require(7, "loading-process-events-interval-bytes");

        // While it loads it takes a millisecond for each key, and looks after connections every kilobyte.
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["key-load-delay 1000", "loading-process-events-interval-bytes 1024"] }, Token);
        await redis.Server.ExecuteAsync("EVAL", "for i = 1, 2000 do redis.call('SET', 'key:' .. i, i) end", "0");
        await redis.Server.ExecuteAsync("BGREWRITEAOF");
        await Eventually.TrueAsync(async () => await redis.Server.GetInfoAsync("aof_rewrite_in_progress", Token) == "0", Token);
        await redis.Server.KillAsync();
        var logs = new FakeLogCollector();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(logs)));

        var loading = redis.Server.RestartAsync(Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(redis.Options(), factory, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        Assert.Equal(2000, (int)await database.ExecuteAsync("DBSIZE"));
        Assert.Contains(logs.GetSnapshot(), record => record.Message.Contains("LOADING", StringComparison.Ordinal));
        await loading;
    }

    private static async Task AssertRefusedAsync(ConvoyRedisOptions options, ConvoyRedisFault fault, string mentioned)
    {
        var began = Stopwatch.GetTimestamp();
        var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        Assert.True(exception.Fault == fault && exception.IsFinal, $"{exception}");
        Assert.Contains(mentioned, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, exception.ToString(), StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(began) < AtOnce);
    }
}
