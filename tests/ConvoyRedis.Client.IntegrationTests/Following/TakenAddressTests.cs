using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>The address of a sentinel that is gone belongs to another deployment's, with the same master name and a higher epoch.</summary>
public sealed class TakenAddressTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SentinelOfAnotherDeployment_AtAnAddressOfOurs_HasNoVoice(bool isConnectedBefore)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var other = await SentinelTopology.StartAsync(cancellationToken: Token);
        for (var failovers = 0; failovers < 2; failovers++)
        {
            var former = await other.GetMasterAsync(Token);
            await other.FailoverAsync(Token);
            await Eventually.TrueAsync(async () => await other.GetMasterAsync(Token) != former, Token);
            await other.WaitUntilSettledAsync(Token);
        }

        var taken = topology.Sentinels[2];
        await using var address = TcpProxy.Start(taken.Host, taken.Port);
        var options = topology.Options();
        options.AddressMap = $"{taken.Address}={address.Host}:{address.Port}";
        var logs = new FakeLogCollector();
        using var factory = new LoggerFactory([new FakeLoggerProvider(logs)], new LoggerFilterOptions { MinLevel = LogLevel.Debug });
        var connecting = isConnectedBefore ? await ConvoyRedisConnection.ConnectAsync(options, factory, Token) : null;
        await taken.KillAsync();
        address.Retarget(other.Sentinels[0].Host, other.Sentinels[0].Port);
        address.DropConnections();
        await using var connection = connecting ?? await ConvoyRedisConnection.ConnectAsync(options, factory, Token);

        await Eventually.TrueAsync(() => logs.GetSnapshot().Any(record => record.Id.Id == EventIds.SentinelLost
            && record.Message.Contains("another sentinel answers than the one that the others list there", StringComparison.Ordinal)), Token);
        await Eventually.TrueAsync(() => connection.Phase == ConvoyRedisPhase.Following && topology.Nodes.Any(node => node.Port == connection.Master?.Port), Token);
        await Task.Delay(TimeSpan.FromSeconds(2), Token);

        Assert.Equal((await topology.GetMasterAsync(Token)).Port, connection.Master?.Port);
        if (isConnectedBefore)
            Assert.Single(logs.GetSnapshot(), record => record.Id.Id == EventIds.MasterFollowed);
    }
}
