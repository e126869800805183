namespace ConvoyRedis.Testing.Tests;

public sealed class StandaloneRedisTests
{
    private const string LogsVariable = "REDIS_TESTING_LOGS";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StartAsync_WithTlsAndClientCertificate_AnswersAndKeepsDataOverARestart()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Password = "se\"cr\\et ü", Tls = new TlsSettings { DemandClientCertificate = true } }, Token);

        Assert.Equal("OK", (await redis.Server.ExecuteAsync("SET", "k", "v")).Text);
        await redis.Server.KillAsync();
        await Assert.ThrowsAsync<IOException>(() => redis.Server.ExecuteAsync("PING"));
        await redis.Server.RestartAsync(Token);
        Assert.Equal("v", (await redis.Server.ExecuteAsync("GET", "k")).Text);
    }

    [Fact]
    public async Task StartAsync_BadConfiguration_ThrowsWithTheServersWords()
    {
        var exception = await Assert.ThrowsAsync<RedisStartException>(() => StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["appendfsync sometimes"] }, Token));

        Assert.Contains("did not start", exception.Message, StringComparison.Ordinal);
        Assert.Contains("argument(s) must be one of the following", exception.Message, StringComparison.Ordinal);
    }

    // The variable is one for the whole process.
    [Fact(DisableParallelization = true)]
    public async Task Logs_AreKept_WhereTheVariableSays()
    {
        var directory = Directory.CreateTempSubdirectory("convoy-redis-tests-").FullName;
        Environment.SetEnvironmentVariable(LogsVariable, directory);
        var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await redis.DisposeAsync();
        Environment.SetEnvironmentVariable(LogsVariable, null);

        var lab = Path.GetFileName(Path.GetDirectoryName(redis.Server.DataDirectory))!;
        var log = Assert.Single(Directory.GetFiles(Path.Combine(directory, lab)));
        Assert.Contains("Ready to accept connections", await File.ReadAllTextAsync(log, Token), StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }
}
