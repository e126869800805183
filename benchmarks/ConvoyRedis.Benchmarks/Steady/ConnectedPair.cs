using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>This library and plain StackExchange.Redis, connected to a server or a cluster with equal options.</summary>
internal sealed class ConnectedPair : IAsyncDisposable
{
    private readonly ConvoyRedisConnection _own;
    private readonly ConnectionMultiplexer _plain;

    private ConnectedPair(ConvoyRedisConnection own, IDatabase database, ConnectionMultiplexer plain) =>
        (_own, Own, _plain, Plain) = (own, database, plain, plain.GetDatabase());

    public IDatabase Own { get; }

    public IDatabase Plain { get; }

    public static async Task<ConnectedPair> ConnectAsync(RedisTopology redis, CancellationToken cancellationToken)
    {
        var (addresses, certificates) = (redis.Servers.Select(server => server.Address).ToList(), redis.Certificates);
        var own = await ConvoyRedisConnection.ConnectAsync(
            new ConvoyRedisOptions
            {
                Scheme = certificates is null ? "redis" : "rediss",
                Host = string.Join(',', addresses),
                TlsCaCertFile = certificates?.AuthorityFile,
            },
            cancellationToken);
        var options = new ConfigurationOptions
        {
            Protocol = RedisProtocol.Resp2,
            HeartbeatInterval = TimeSpan.FromMilliseconds(250),
            AsyncTimeout = 15_000,
            SyncTimeout = 15_000,
            Ssl = certificates is not null,
        };
        foreach (var address in addresses)
            options.EndPoints.Add(address);
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
