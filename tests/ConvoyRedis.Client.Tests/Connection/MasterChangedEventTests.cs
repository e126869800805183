using System.Collections.Concurrent;
using ConvoyRedis.Client.Connection;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Connection;

public sealed class MasterChangedEventTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly FakeLogger _logger = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Post_HandlerThrows_OthersAreCalledAndItIsLogged()
    {
        var raised = new MasterChangedEvent(this, _logger);
        var called = new TaskCompletionSource();
        raised.Handlers += (_, _) => throw new InvalidOperationException("first");
        raised.Handlers += (_, _) => called.SetResult();

        raised.Post(Move(1));

        await called.Task.WaitAsync(Bound, Token);
        Assert.Equal("first", _logger.LatestRecord.Exception!.Message);
    }

    [Fact]
    public async Task Post_SlowHandler_ReturnsAtOnceAndKeepsTheOrder()
    {
        var raised = new MasterChangedEvent(this, _logger);
        using var goOn = new ManualResetEventSlim();
        var epochs = new ConcurrentQueue<long>();
        var done = new TaskCompletionSource();
        raised.Handlers += (_, change) =>
        {
            goOn.Wait(Bound);
            epochs.Enqueue(change.Epoch);
            if (change.Epoch == 50)
                done.SetResult();
        };

        for (var epoch = 1; epoch <= 50; epoch++)
            raised.Post(Move(epoch));
        Assert.Empty(epochs);
        goOn.Set();

        await done.Task.WaitAsync(Bound, Token);
        Assert.Equal(Enumerable.Range(1, 50).Select(epoch => (long)epoch), epochs);
    }

    private static MasterChangedEventArgs Move(long epoch) =>
        new(null, new ConvoyRedisEndpoint("localhost", 6379), MasterChangeCause.Located, epoch, false, null, []);
}
