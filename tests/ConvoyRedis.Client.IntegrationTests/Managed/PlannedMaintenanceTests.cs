using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Maintenance;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>A managed service announces the maintenance of a node: the connection moves before the node goes, and no command fails.</summary>
public sealed class PlannedMaintenanceTests : IDisposable
{
    private readonly FakeLogCollector _logs = new();
    private readonly ILoggerFactory _loggerFactory;

    public PlannedMaintenanceTests() => _loggerFactory = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(_logs)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _loggerFactory.Dispose();

    // The proxy goes, not the server: the next one leads to the same data.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Moving_ProxyGoesWhenTheTimeIsUp_NoCommandFails(bool isAddressNamed)
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var leaving = new AnnouncingProxy(redis.Server);
        await using var endpoint = TcpProxy.Start(leaving.Host, leaving.Port);
        await using var connection = await ConnectAsync(redis, endpoint);
        await using var writer = await WriteAsync(connection);
        await Eventually.TrueAsync(() => leaving.Subscribed == 1, Token);

        endpoint.Retarget(redis.Server.Host, redis.Server.Port);
        await leaving.AnnounceMoveAsync(seconds: 4, isAddressNamed ? redis.Server.Address : null);
        await Eventually.TrueAsync(() => Count(EventIds.NodeMoved) > 0, Token);
        await writer.WaitForNextAsync(Token);
        leaving.Close();
        await writer.WaitForNextAsync(Token);
        await writer.StopAsync();

        Assert.Empty(writer.Failed);
        Assert.Equal(0, Count(EventIds.HandoverFailed));
        Assert.Equal($"{writer.Acknowledged.Count}", (await redis.Server.ExecuteAsync("DBSIZE")).Text);
    }

    [Fact]
    public async Task Moving_ToAnotherServer_ContinuesThereAndNoCommandFails()
    {
        await using var one = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var two = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = one }, Token);
        await using var leaving = new AnnouncingProxy(one.Server);
        var options = one.Options();
        (options.Host, options.Port) = (leaving.Host, leaving.Port);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, _loggerFactory, Token);
        await using var writer = await WriteAsync(connection);
        await Eventually.TrueAsync(() => leaving.Subscribed == 1, Token);

        await leaving.AnnounceMoveAsync(seconds: 15, two.Server.Address);
        await Eventually.TrueAsync(async () => (await two.Server.ExecuteAsync("DBSIZE")).Text != "0", Token);
        await writer.StopAsync();

        Assert.Empty(writer.Failed);
        var keys = await Task.WhenAll(new[] { one, two }.Select(async redis => long.Parse((await redis.Server.ExecuteAsync("DBSIZE")).Text!, null)));
        Assert.Equal(writer.Acknowledged.Count, keys.Sum());
    }

    // The name is a load balancer: the same address leads to the other node after the failover.
    [Fact]
    public async Task Azure_NameLeadsToAnotherMaster_ContinuesThereAndNoCommandFails()
    {
        await using var one = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var two = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = one }, Token);
        await using var endpoint = TcpProxy.Start(one.Server.Host, one.Server.Port);
        await using var connection = await ConnectAsync(one, endpoint);
        await using var writer = await WriteAsync(connection);
        await Eventually.TrueAsync(async () => (await one.Server.ExecuteAsync("PUBSUB", "NUMSUB", AzureNotice.Channel)).Items[1].Text == "1", Token);

        await one.Server.ExecuteAsync(
            "PUBLISH", AzureNotice.Channel, "NotificationType|NodeMaintenanceStart|StartTimeInUTC||IsReplica|False|IPAddress||SSLPort|15001|NonSSLPort|13001");
        await Eventually.TrueAsync(() => Count(EventIds.MaintenanceAnnounced) == 1, Token);
        Assert.Equal(0, Count(EventIds.NodeMoved));
        endpoint.Retarget(two.Server.Host, two.Server.Port);
        await Eventually.TrueAsync(async () => (await two.Server.ExecuteAsync("DBSIZE")).Text != "0", Token);
        await one.Server.KillAsync();
        await writer.WaitForNextAsync(Token);
        await writer.StopAsync();

        Assert.Empty(writer.Failed);
        Assert.Equal(0, Count(EventIds.HandoverFailed));
    }

    private async Task<ConvoyRedisConnection> ConnectAsync(StandaloneRedis redis, TcpProxy endpoint)
    {
        var options = redis.Options();
        (options.Host, options.Port) = (endpoint.Host, endpoint.Port);
        return await ConvoyRedisConnection.ConnectAsync(options, _loggerFactory, Token);
    }

    private static async Task<CountingWriter> WriteAsync(ConvoyRedisConnection connection) =>
        await CountingWriter.StartAsync((await connection.GetMultiplexerAsync(Token)).GetDatabase());

    private int Count(int eventId) => _logs.GetSnapshot().Count(record => record.Category == typeof(ConvoyRedisConnection).FullName && record.Id.Id == eventId);
}
