using System.Collections.Concurrent;
using System.Net;
using ConvoyRedis.Testing;
using StackExchange.Redis;
using StackExchange.Redis.KeyspaceIsolation;
using StackExchange.Redis.Profiling;

namespace ConvoyRedis.Client.IntegrationTests.Transparency;

/// <summary>What code that was written for a multiplexer of StackExchange.Redis finds on ours, before and after a failover: a test for each row of docs/stackexchange-redis.md.</summary>
public sealed class TransparencyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PlannedFailover_CallersOptionsSubscriptionsAndServers_GoOnAtTheNewMaster()
    {
        await using var topology = await SentinelTopology.StartAsync(
            new SentinelOptions { DownAfter = TimeSpan.FromSeconds(3), NodeConfiguration = ["notify-keyspace-events K$"] }, Token);
        var options = topology.Options();
        options.ConfigureMultiplexer = multiplexer =>
        {
            multiplexer.AllowAdmin = true;
            multiplexer.ChannelPrefix = RedisChannel.Literal("app:");
            multiplexer.ConfigCheckSeconds = 1;
            multiplexer.HeartbeatConsistencyChecks = true;
            multiplexer.IncludePerformanceCountersInExceptions = true;
            multiplexer.KeepAlive = 1;
            multiplexer.LibraryName = "shop";
        };
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        await using var plain = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var (multiplexer, other) = (await connection.GetMultiplexerAsync(Token), await plain.GetMultiplexerAsync(Token));
        var (received, failures) = (new ConcurrentQueue<string>(), new ConcurrentQueue<ConnectionFailedEventArgs>());
        multiplexer.ConnectionFailed += (_, failure) => failures.Enqueue(failure);
        var subscriber = multiplexer.GetSubscriber();
        await subscriber.SubscribeAsync(RedisChannel.Literal("news"), (channel, message) => received.Enqueue($"{channel} {message}"));
        await subscriber.SubscribeAsync(RedisChannel.Sharded("shard"), (channel, message) => received.Enqueue($"{channel} {message}"));
        await other.GetSubscriber().SubscribeAsync(RedisChannel.KeySpaceSingleKey("key", 0), (channel, message) => received.Enqueue($"{channel} {message}"));

        var old = await topology.GetMasterAsync(Token);
        await topology.FailoverAsync(Token);
        await Eventually.TrueAsync(() => connection.Master is { } now && now.Port != old.Port, Token);
        var master = topology.Nodes.Single(node => node.Port == connection.Master!.Value.Port);
        await multiplexer.GetDatabase().WithKeyPrefix("tenant:").StringSetAsync("name", "value");

        // Subscriptions are made again on a connection of their own; what is published meanwhile is lost, as with any client.
        await Eventually.TrueAsync(
            async () =>
            {
                received.Clear();
                await master.ExecuteAsync("PUBLISH", "app:news", "hello");
                await master.ExecuteAsync("SPUBLISH", "app:shard", "hello");
                await master.ExecuteAsync("SET", "key", "value");
                await Task.Delay(20, Token);
                return received.Order().SequenceEqual(["__keyspace@0__:key set", "news hello", "shard hello"]);
            },
            Token);

        // The one endpoint is the name of the master, and its server is whoever that is.
        var endpoint = Assert.IsType<DnsEndPoint>(Assert.Single(multiplexer.GetEndPoints()));
        Assert.Equal(topology.Options.MasterName, endpoint.Host);
        var server = multiplexer.GetServer(endpoint);
        Assert.Same(server.Multiplexer, Assert.Single(multiplexer.GetServers()).Multiplexer);
        Assert.Equal($"{master.Port}", (await server.ConfigGetAsync("port")).Single().Value);
        Assert.Equal(await master.GetInfoAsync("run_id", Token), (await server.InfoAsync("server"))[0].Single(line => line.Key == "run_id").Value);
        Assert.False(server.IsReplica);
        Assert.Equal(["key", "tenant:name"], server.Keys().Select(key => $"{key}").Where(key => !key.StartsWith("convoy", StringComparison.Ordinal)).Order());
        Assert.Throws<ArgumentException>(() => multiplexer.GetServer(master.Host, master.Port));
        Assert.Equal($"{master.Port}", (await (await connection.GetServerAsync(connection.Master!.Value, Token)).ConfigGetAsync("port")).Single().Value);
        var left = await Assert.ThrowsAsync<ArgumentException>(() => connection.GetServerAsync(new(old.Host, old.Port), Token));
        Assert.StartsWith($"No commands go to {old.Host}:{old.Port}, but to {connection.Master}.", left.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(failures, failure => failure.ConnectionType == ConnectionType.Interactive);
        Assert.Contains(failures, failure => failure.ConnectionType == ConnectionType.Subscription && Equals(failure.EndPoint, endpoint));
    }

    [Fact]
    public async Task MasterKilled_EventsProfilesAndExceptions_NameTheLogicalEndpoint()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var profile = new ProfilingSession();
        multiplexer.RegisterProfiler(() => profile);
        var (failed, restored) = (new ConcurrentQueue<ConnectionFailedEventArgs>(), new ConcurrentQueue<ConnectionFailedEventArgs>());
        multiplexer.ConnectionFailed += (_, failure) => failed.Enqueue(failure);
        multiplexer.ConnectionRestored += (_, failure) => restored.Enqueue(failure);
        var endpoint = multiplexer.GetEndPoints().Single();

        await (await topology.GetMasterAsync(Token)).KillAsync();
        await Eventually.TrueAsync(() => connection.Epoch > 0, Token);
        await multiplexer.GetDatabase().StringSetAsync("key", "value");
        await Eventually.TrueAsync(() => restored.Any(connection => connection.ConnectionType == ConnectionType.Interactive), Token);

        Assert.All(failed.Concat(restored), change => Assert.Equal(endpoint, change.EndPoint));
        Assert.Contains(profile.FinishProfiling(), command => command.Command == "SET" && Equals(command.EndPoint, endpoint));
        var error = await Assert.ThrowsAsync<RedisServerException>(() => multiplexer.GetDatabase().ListLeftPushAsync("key", "value"));
        Assert.Contains("WRONGTYPE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetServer_ReplicaThatIsRead_LeadsThere()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var options = topology.Options();
        options.ReadFrom = ConvoyRedisReadFrom.PreferReplica;
        options.ConfigureMultiplexer = multiplexer => multiplexer.AllowAdmin = true;
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, Token);
        var master = await topology.GetMasterAsync(Token);

        // It is led to one of them once that is known to be in step.
        await Eventually.TrueAsync(async () => (await ReadAsync()).Any(port => port != master.Port), Token);

        async Task<List<int>> ReadAsync()
        {
            var ports = new List<int>();
            foreach (var node in topology.Nodes)
            {
                if (await ServerAsync(new(node.Host, node.Port)) is not { } server)
                    continue;
                Assert.Equal($"{node.Port}", (await server.ConfigGetAsync("port")).Single().Value);
                ports.Add(node.Port);
            }

            return ports;
        }

        async Task<IServer?> ServerAsync(ConvoyRedisEndpoint node)
        {
            try
            {
                return await connection.GetServerAsync(node, Token);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task GetServer_NodeOfACluster_LeadsThere()
    {
        await using var cluster = await ClusterTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(cluster.Options(), Token);

        foreach (var node in cluster.Nodes)
        {
            var server = await connection.GetServerAsync(new(node.Host, node.Port), Token);
            Assert.Equal($"{node.Host}:{node.Port}", $"{server.EndPoint}".Replace("Unspecified/", "", StringComparison.Ordinal));
        }
    }
}
