using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Reload;

/// <summary>Credentials that change on the servers and in the settings while the connection is used.</summary>
public sealed class RotationTests : IDisposable
{
    private const string New = "the next password";
    private const int Writers = 64;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");
    private readonly FakeLogCollector _logs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string PasswordFile => Path.Combine(_directory.FullName, "password");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PasswordFile_ChangedUnderLoad_NoCommandFailsAndTheNextMasterIsFollowed(bool serversFirst)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        using var host = await StartAsync(topology);
        await using var load = new Load(Database(host), Writers, 100);
        await Eventually.TrueAsync(() => load.Acknowledged > 1000, Token);

        if (serversFirst)
        {
            await ChangePasswordAsync(topology);
            await File.WriteAllTextAsync(PasswordFile, New, Token);
        }
        else
        {
            await File.WriteAllTextAsync(PasswordFile, New, Token);
            await ToldAsync(LogLevel.Warning, "does not accept the new login yet");
            await ChangePasswordAsync(topology);
        }

        await ToldAsync(LogLevel.Information, "logged in with the new credentials");
        var before = load.Acknowledged;
        await Eventually.TrueAsync(() => load.Acknowledged > before + 1000, Token);
        Assert.Empty(load.Errors);
        await load.StopAsync();
        Assert.Equal((0, 0), await load.CheckAsync());

        // Who dials from now on knows the new password, and a planned failover still moves a session that has logged in anew.
        var moved = new TaskCompletionSource<MasterChangedEventArgs>();
        Connection(host).MasterChanged += (_, change) => moved.TrySetResult(change);

        // The sentinels log in anew as well, and know no replica to promote until they have.
        await Eventually.TrueAsync(
            async () => !(await topology.Sentinels[0].ExecuteAsync("SENTINEL", "FAILOVER", topology.Options.MasterName)).IsError, Token);
        Assert.NotNull((await moved.Task.WaitAsync(Bound, Token)).PossiblyLostBytes);
        await Database(host).StringSetAsync("key", "value");
        Assert.DoesNotContain(_logs.GetSnapshot(), line => line.Message.Contains(New, StringComparison.Ordinal));
    }

    [Fact]
    public async Task LiveConnections_AreLoggedInAsTheNewUser()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["user one on >first ~* &* +@all", "user two on >second ~* &* +@all"] }, Token);
        var file = Path.Combine(_directory.FullName, "convoy.json");
        Task WriteAsync(string user, string password) => File.WriteAllTextAsync(file,
            $$"""{ "redis": { "host": "{{redis.Server.Address}}", "username": "{{user}}", "password": "{{password}}", "client_name": "rotated" } }""", Token);
        async Task<string> UserAsync() => (await redis.Server.ExecuteAsync("CLIENT", "LIST")).Text!
            .Split('\n').First(line => line.Contains("name=rotated", StringComparison.Ordinal)).Split("user=")[1].Split(' ')[0];
        await WriteAsync("one", "first");
        var options = ConvoyRedisOptions.Load(new ConvoyRedisSources { ConvoyJsonPath = file, Environment = new Dictionary<string, string?>() });
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        Assert.Equal("one", await UserAsync());

        await WriteAsync("two", "second");

        await Eventually.TrueAsync(async () => await UserAsync() == "two", Token);
        await Eventually.TrueAsync(() => connection.Target.Username == "two", Token);
    }

    [Fact]
    public async Task LoginThatTheServerDoesNotKnow_IsNotShown()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["rename-command AUTH \"\""] }, Token);
        var file = Path.Combine(_directory.FullName, "convoy.json");
        Task WriteAsync(string password) => File.WriteAllTextAsync(file,
            $$"""{ "redis": { "host": "{{redis.Server.Address}}", "password": "{{password}}" } }""", Token);
        await WriteAsync("");
        var options = ConvoyRedisOptions.Load(new ConvoyRedisSources { ConvoyJsonPath = file, Environment = new Dictionary<string, string?>() });
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(_logs)));
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, factory, Token);

        await WriteAsync(New);

        await ToldAsync(LogLevel.Warning, "ERR unknown command 'AUTH'");
        Assert.All(_logs.GetSnapshot().SelectMany(line => line.StructuredState!.Select(state => state.Value).Append(line.Message)),
            text => Assert.DoesNotContain(New, text ?? "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CredentialProvider_LoginsThatExpire_AreRenewedOnTheLiveConnection()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["user app on >token-1 >token-2 >token-3 ~* &* +@all"] }, Token);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(new Tokens());
        builder.Services.AddConvoyRedis(Deployment.Sources(redis.EnvironmentVariables)).AddCredentialProvider<TokenProvider>();
        using var host = builder.Build();
        await host.StartAsync(Token);
        await using var load = new Load(Database(host), 4, 100);

        var tokens = host.Services.GetRequiredService<Tokens>();
        await Eventually.TrueAsync(() => tokens.Given >= 3, Token);
        await Eventually.TrueAsync(() => Connection(host).Target.Password == "token-3", Token);
        await redis.Server.ExecuteAsync("ACL", "SETUSER", "app", "<token-1", "<token-2");
        await redis.Server.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");

        // Whoever connects anew does so with the present token. What was in flight when it was killed fails.
        await Eventually.TrueAsync(() => AnswersAsync(Database(host)), Token);
    }

    private static async Task<bool> AnswersAsync(IDatabase database)
    {
        try
        {
            await database.PingAsync();
            return true;
        }
        catch (RedisConnectionException)
        {
            return false;
        }
    }

    private async Task<IHost> StartAsync(SentinelTopology topology)
    {
        await File.WriteAllTextAsync(PasswordFile, topology.Options.Password, Token);
        var variables = topology.EnvironmentVariables.ToDictionary();
        variables.Remove("CONVOY_REDIS_PASSWORD");
        variables["CONVOY_REDIS_PASSWORD_FILE"] = PasswordFile;
        var host = await Deployment.StartHostAsync(variables, _logs, Token);
        await Connection(host).GetMultiplexerAsync(Token);
        return host;
    }

    // On the lab's own connections the former password is used up with the first change: everything is sent on one.
    private static async Task ChangePasswordAsync(SentinelTopology topology)
    {
        // A sentinel logs in anew at once, and its down-after begins when it is refused: the nodes, which leave who is logged in alone, come first.
        foreach (var node in topology.Nodes)
            await node.ExecuteAsync("CONFIG", "SET", "requirepass", New, "masterauth", New);
        foreach (var sentinel in topology.Sentinels)
            await sentinel.ExecuteAsync("SENTINEL", "SET", topology.Options.MasterName, "auth-pass", New);
    }

    private async Task ToldAsync(LogLevel level, string part)
    {
        try
        {
            await Eventually.TrueAsync(() => _logs.GetSnapshot().Any(line => line.Level == level && line.Message.Contains(part, StringComparison.Ordinal)), Token);
        }
        catch (Xunit.Sdk.XunitException exception)
        {
            throw new InvalidOperationException(
                string.Join('\n', _logs.GetSnapshot().Where(line => line.Level >= LogLevel.Information).Select(line => line.Message).TakeLast(20)), exception);
        }
    }

    private static IConvoyRedisConnection Connection(IHost host) => host.Services.GetRequiredService<IConvoyRedisConnection>();

    private static IDatabase Database(IHost host) => host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    private sealed class Tokens
    {
        public int Given { get; set; }
    }

    private sealed class TokenProvider(Tokens tokens) : IConvoyRedisCredentialProvider
    {
        public ValueTask<ConvoyRedisCredential> GetCredentialAsync(CancellationToken cancellationToken = default)
        {
            tokens.Given = Math.Min(3, tokens.Given + 1);
            var expiry = tokens.Given == 3 ? (DateTimeOffset?)null : DateTimeOffset.UtcNow.AddSeconds(2);
            return ValueTask.FromResult(new ConvoyRedisCredential("app", $"token-{tokens.Given}", expiry));
        }
    }
}
