using ConvoyRedis.Testing;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.SequentialTests.Replicas;

/// <summary>Failovers of each kind in a row, while callers write, and read from replicas.</summary>
[Trait("Alone", "process")]
public sealed class FailoversInARowTests
{
    private static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(2);
    private static readonly MasterFault[] Faults = [MasterFault.Planned, MasterFault.Kill, MasterFault.Planned, MasterFault.Hang];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_NoneFails_NoneIsOlderThanAllowed_AndNoWriteReachesAReplica()
    {
        var times = Soak.Figure(inTest: 4, inSoak: 20);
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var options = topology.Options();
        (options.ReadFrom, options.ReplicaMaxLag) = (ConvoyRedisReadFrom.PreferReplica, LongestLag);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await using var load = await StampLoad.StartAsync(database, database.WithRetry(), readers: 8);

        for (var round = 0; round < times; round++)
        {
            await topology.WaitUntilSettledAsync(Token);
            await load.GoOnAsync(Token);
            Assert.Equal(0, await WritesAtReplicasAsync(topology));
            await FailOverAsync(topology, connection, Faults[round % Faults.Length]);
            await load.GoOnAsync(Token);
        }

        await topology.WaitUntilSettledAsync(Token);
        await load.StopAsync();
        Assert.Equal(0, await WritesAtReplicasAsync(topology));
        Assert.Empty(load.Errors);
        Assert.True(load.Oldest < LongestLag, $"An answer was {load.Oldest.TotalMilliseconds:F0} ms old.");
        Soak.Report($"{times} failovers in a row, planned and of a killed or hung master, one writer, 8 callers read from replicas",
            $"0 of {load.Read} reads failed, 0 of {load.Written} writes reached a replica; oldest answer: {load.Oldest.TotalMilliseconds:F1} ms");
    }

    // The former master comes back as a replica of the new one.
    private static async Task FailOverAsync(SentinelTopology topology, ConvoyRedisConnection connection, MasterFault fault)
    {
        var master = await topology.GetMasterAsync(Token);
        await topology.CauseAsync(fault, Token);
        await Eventually.TrueAsync(() => connection.Master is { } now && now.Port != master.Port, Token);
        if (fault == MasterFault.Kill)
            await master.RestartAsync(Token);
        else if (fault == MasterFault.Hang)
            await master.ResumeAsync();
    }

    private static async Task<int> WritesAtReplicasAsync(SentinelTopology topology) =>
        (await Task.WhenAll(topology.Nodes.Select(node => node.WritesRefusedAsync()))).Sum();
}
