using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>This library and plain StackExchange.Redis, connected to one server with equal options.</summary>
internal sealed class ConnectedPair : IAsyncDisposable
{
    private readonly ConvoyRedisConnection _own;
    private readonly ConnectionMultiplexer _plain;

    private ConnectedPair(ConvoyRedisConnection own, IDatabase database, ConnectionMultiplexer plain) =>
        (_own, Own, _plain, Plain) = (own, database, plain, plain.GetDatabase());

    public IDatabase Own { get; }

    public IDatabase Plain { get; }

    public static async Task<ConnectedPair> ConnectAsync(StandaloneRedis redis, CancellationToken cancellationToken)
    {
        var (server, certificates) = (redis.Server, redis.Certificates);
        var own = await ConvoyRedisConnection.ConnectAsync(
            new ConvoyRedisOptions
            {
                Scheme = certificates is null ? "redis" : "rediss",
                Host = server.Host,
                Port = server.Port,
                TlsCaCertFile = certificates?.AuthorityFile,
            },
            cancellationToken);
        var options = new ConfigurationOptions
        {
            EndPoints = { { server.Host, server.Port } },
            Protocol = RedisProtocol.Resp2,
            HeartbeatInterval = TimeSpan.FromMilliseconds(250),
            AsyncTimeout = 15_000,
            SyncTimeout = 15_000,
            Ssl = certificates is not null,
        };
        if (certificates is not null)
            options.TrustIssuer(certificates.AuthorityFile);
        return new ConnectedPair(own, (await own.GetMultiplexerAsync(cancellationToken)).GetDatabase(), await ConnectionMultiplexer.ConnectAsync(options));
    }

    public async ValueTask DisposeAsync()
    {
        await _own.DisposeAsync();
        await _plain.DisposeAsync();
    }
}
