using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Connecting;

/// <summary>Any password logs in as it is written, on nodes and on sentinels, and none is ever shown.</summary>
public sealed class PasswordTests
{
    private const string Everything = " !\"#$%&'()*+,-./0:;<=>?@A[\\]^_`a{|}~ äß€漢🔑 ";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Everything)]
    [InlineData("${HOME} $1 %40 %zz \\n \\x41 &amp;")]
    [InlineData("redis://user:other@host/0,name=x;ssl=true")]
    [InlineData("two\r\nlines\tand a tab")]
    [InlineData("'")]
    [InlineData("***")]
    public async Task Connect_AwkwardPassword_LogsInAndIsNeverShown(string password)
    {
        await using var redis = await StandaloneRedis.StartAsync(new StandaloneOptions { Password = password }, Token);
        var logs = new FakeLogCollector();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(logs)).SetMinimumLevel(LogLevel.Trace));
        var options = redis.Options();

        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, factory, Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);

        Assert.True(await multiplexer.GetDatabase().StringSetAsync("key", "value"));
        if (password.Length < 4)
            return;
        string[] shown = [.. logs.GetSnapshot().Select(record => record.ToString()), $"{options}", $"{connection.Target}", multiplexer.Configuration];
        Assert.All(shown, text => Assert.DoesNotContain(password, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connect_AwkwardPasswordsOnNodesAndSentinels_LogsIn()
    {
        await using var topology = await SentinelTopology.StartAsync(
            new SentinelOptions { Password = Everything, SentinelPassword = Everything + "2" }, Token);

        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);

        Assert.True(await (await connection.GetMultiplexerAsync(Token)).GetDatabase().StringSetAsync("key", "value"));
    }

    [Fact]
    public async Task Connect_AclUser_LogsIn()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["user app on >se@cret ~app:* +@all"] }, Token);
        var options = redis.Options();
        (options.Username, options.Password) = ("app", "se@cret");

        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);

        Assert.True(await (await connection.GetMultiplexerAsync(Token)).GetDatabase().StringSetAsync("app:key", "value"));
    }
}
