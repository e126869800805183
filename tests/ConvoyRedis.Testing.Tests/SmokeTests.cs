using ConvoyRedis.Client;

namespace ConvoyRedis.Testing.Tests;

/// <summary>A client of each kind of deployment, on whichever back end the servers run: TLS, passwords, and a failover where there is one.</summary>
public sealed class SmokeTests
{
    public static TheoryData<ConvoyRedisTopology> All => Topologies.All;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_TlsAndPasswords_WritesAndFollowsAFailover(ConvoyRedisTopology kind)
    {
        await using var topology = await Topologies.StartAsync(kind, new TlsSettings(), "secret", Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();

        await database.StringSetAsync("key", "before");
        if (topology is SentinelTopology sentinels)
        {
            var old = await sentinels.GetMasterAsync(Token);
            await sentinels.FailoverAsync(Token);
            await Eventually.TrueAsync(() => connection.Master?.Port != old.Port, Token);
        }

        Assert.Equal("before", await database.StringGetAsync("key"));
        Assert.True(await database.StringSetAsync("key", "after"));
    }
}
