using ConvoyRedis.Testing;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Connecting;

/// <summary>A server on the same machine, reached over its Unix socket.</summary>
public sealed class UnixSocketTests : IDisposable
{
    private const string Password = "a/b?c#d";

    // A name that must be percent-encoded. The path of a socket has 107 bytes at most.
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Path => System.IO.Path.Combine(_directory.FullName, "redis%.sock");

    private string Url => $"unix://:{Uri.EscapeDataString(Password)}@{Path.Replace("%", "%25", StringComparison.Ordinal)}?db=2";

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Server_IsReached_AndAgainAfterItsEnd()
    {
        await using var redis = await StartAsync();
        await using var connection = await ConvoyRedisConnection.ConnectAsync(new ConvoyRedisOptions { Addresses = Url }, Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        await multiplexer.GetDatabase().StringSetAsync("key", "before");
        Assert.Contains("db2:keys=1", (await redis.Server.ExecuteAsync("INFO", "keyspace")).Text, StringComparison.Ordinal);

        await redis.Server.KillAsync();
        await redis.Server.RestartAsync(Token);
        await Eventually.TrueAsync(async () => await multiplexer.GetDatabase().WithRetry().StringSetAsync("key", "after"), Token);

        // Longer than the role monitor's period: its own connection goes there too.
        await Task.Delay(Client.Connection.RoleMonitor.Period * 2, Token);
        Assert.Equal("after", (string?)await multiplexer.GetDatabase().StringGetAsync("key"));
    }

    [Fact]
    public async Task NobodyListens_IsToldWithThePath()
    {
        var options = new ConvoyRedisOptions { Addresses = Url, ConnectTimeout = TimeSpan.FromSeconds(1), CommandTimeout = TimeSpan.FromSeconds(2) };

        var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        Assert.Contains(Path, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, $"{exception}", StringComparison.Ordinal);
    }

    private Task<StandaloneRedis> StartAsync() => StandaloneRedis.StartAsync(
        new StandaloneOptions { Password = Password, Configuration = [$"unixsocket \"{Path}\""] }, Token);
}
