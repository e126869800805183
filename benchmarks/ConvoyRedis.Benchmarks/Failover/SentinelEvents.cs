using System.Collections.Concurrent;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>What the sentinels announce, and when it was heard: a subscription to each.</summary>
internal sealed class SentinelEvents : IAsyncDisposable
{
    private readonly List<ConnectionMultiplexer> _connections = [];
    private readonly ConcurrentQueue<(string Channel, long Instant)> _heard = new();

    public static async Task<SentinelEvents> StartAsync(SentinelTopology topology)
    {
        var events = new SentinelEvents();
        foreach (var sentinel in topology.Sentinels)
        {
            var options = new ConfigurationOptions { EndPoints = { sentinel.Address }, CommandMap = CommandMap.Sentinel, TieBreaker = "" };
            var connection = await ConnectionMultiplexer.ConnectAsync(options);
            events._connections.Add(connection);
            foreach (var channel in new[] { "+promoted-slave", "+switch-master" })
            {
                await connection.GetSubscriber().SubscribeAsync(
                    RedisChannel.Literal(channel), (_, _) => events._heard.Enqueue((channel, ClientHost.Now)));
            }
        }

        return events;
    }

    public IReadOnlyList<long> InstantsOf(string channel) =>
        [.. _heard.Where(one => one.Channel == channel).Select(one => one.Instant).Order()];

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
    }
}
