using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>One name in front of all sentinels: whichever leads a failover must be heard.</summary>
public sealed class ServiceNameTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="isReachable">Whether the sentinels' own addresses are reachable from here; else each is reached by the name alone.</param>
    /// <param name="speaksResp3">Whether questions are asked over the connection of the events.</param>
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task EachSentinel_IsListenedToOnceAndItsFailoverIsFollowedBeforeItIsAnnounced(bool isReachable, bool speaksResp3)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var name = new ServiceName(topology.Sentinels);
        var options = topology.Options();
        options.Host = name.Address;
        if (!isReachable)
            options.AddressMap = string.Join(',', topology.Sentinels.Select(sentinel => $"{sentinel.Address}={name.Address}"));
        if (!speaksResp3)
        {
            foreach (var sentinel in topology.Sentinels)
                await sentinel.ExecuteAsync("ACL", "SETUSER", "default", "-hello");
        }

        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        await AreHeardAsync(topology);

        // The name leads to another one each time.
        for (var time = 0; time < 3; time++)
        {
            var (others, former) = (name.Connections, await ListenersAsync(topology));
            name.DropConnections();
            await Eventually.TrueAsync(() => name.Connections > others, Token);

            // A sentinel may list a connection that was dropped a moment ago. If none can be reached at its own address, all of them were.
            await AreHeardAsync(topology, isReachable ? [] : [.. former.SelectMany(ids => ids)]);
        }

        var causes = new List<MasterChangeCause>();
        connection.MasterChanged += (_, change) => causes.Add(change.Cause);
        foreach (var leader in topology.Sentinels)
        {
            var before = connection.Master;
            var moves = causes.Count;
            await Eventually.TrueAsync(async () => !(await leader.ExecuteAsync("SENTINEL", "FAILOVER", topology.Options.MasterName)).IsError, Token);
            await Eventually.TrueAsync(() => causes.Count > moves && connection.Master != before, Token);
            await topology.WaitUntilSettledAsync(Token);
        }

        Assert.Equal(Enumerable.Repeat(MasterChangeCause.Promoted, topology.Sentinels.Count), causes);
    }

    private static Task AreHeardAsync(SentinelTopology topology, params string[] former) =>
        Eventually.TrueAsync(async () => (await ListenersAsync(topology)).All(ids => ids.Except(former).Any()), Token);

    // Nobody but clients subscribes at a sentinel. Each connection by its address, which no other one has.
    private static async Task<string[][]> ListenersAsync(SentinelTopology topology) => await Task.WhenAll(topology.Sentinels.Select(async sentinel =>
        (await sentinel.ExecuteAsync("CLIENT", "LIST")).Text!.Split('\n').Where(line => line.Contains(" sub=", StringComparison.Ordinal) && !line.Contains(" sub=0 ", StringComparison.Ordinal))
            .Select(line => line.Split(' ').Single(field => field.StartsWith("addr=", StringComparison.Ordinal))).ToArray()));
}
