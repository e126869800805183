using System.Collections.Concurrent;
using System.Diagnostics;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>A service whose logger, handlers and context are of no help: its connection follows the master all the same.</summary>
public sealed class ForeignFailoverTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failovers_LoggerAndHandlersThrowOrBlock_AreFollowedAndToldInOrder()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var ambient = new AsyncLocal<string?> { Value = "first request" };
        var contexts = new ConcurrentQueue<string?>();
        using var loggers = new FaultyLoggerFactory(() => contexts.Enqueue(ambient.Value));
        using var request = new Activity("request").Start();
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), loggers, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        Assert.Equal("first request", ambient.Value);
        Assert.Same(request, Activity.Current);
        ambient.Value = null;
        using var goOn = new ManualResetEventSlim();
        var (epochs, activities) = (new ConcurrentQueue<long>(), new ConcurrentQueue<Activity?>());
        connection.MasterChanged += (_, _) => throw new InvalidOperationException("handler");
        connection.MasterChanged += (_, change) =>
        {
            goOn.Wait(TimeSpan.FromMinutes(1), Token);
            epochs.Enqueue(change.Epoch);
            activities.Enqueue(Activity.Current);
        };

        for (var round = 0; round < 2; round++)
        {
            var former = connection.Master;
            await topology.FailoverAsync(Token);
            await Eventually.TrueAsync(() => connection.Master is { } master && master != former, Token);
            await database.StringSetAsync("round", round);
            await topology.WaitUntilSettledAsync(Token);
        }

        Assert.Empty(epochs);
        goOn.Set();
        await Eventually.TrueAsync(() => epochs.Count >= 2, Token);
        Assert.Equal(epochs.Order(), epochs);
        Assert.All(activities, Assert.Null);

        // What the connection logged while the first request connected, and after it.
        Assert.NotEmpty(contexts);
        Assert.All(contexts, Assert.Null);
    }
}
