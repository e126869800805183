using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>The next master serves as many clients as it may: it refuses each connection, and a fleet that dials it would keep it from serving anybody.</summary>
public sealed class RefusingMasterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MasterFault.Planned)]
    [InlineData(MasterFault.Kill)]
    public async Task Failover_NextMasterRefusesConnections_IsDialledSeldomFromTheFirstMoment(MasterFault fault)
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { Nodes = 2 }, Token);
        await using var full = ScriptedPeer.Start(command => command[0] == "AUTH" ? Resp.Error("ERR max number of clients reached") : ScriptedPeer.Close);
        var options = topology.Options();
        options.AddressMap = $"{topology.Nodes[1].Address}={full.Endpoint}";
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        await multiplexer.GetSubscriber().SubscribeAsync(StackExchange.Redis.RedisChannel.Literal("channel"), (_, _) => { });

        await topology.CauseAsync(fault, Token);
        await full.AcceptedAsync(1);
        await Task.Delay(TimeSpan.FromSeconds(1), Token);

        // The prober, the commands and the subscription dial it, on average 8, 4 and 4 times.
        TestContext.Current.TestOutputHelper?.WriteLine($"{full.Accepted} dials in the first second");
        Assert.InRange(full.Accepted, 1, 50);
    }
}
