using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tunnel;
using ConvoyRedis.Shared;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Tunnel;

/// <summary>Which streams let those of other processes go first, and for how long.</summary>
public sealed class StreamSlotTests : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly WatchedClock _clock = new();
    private readonly ScriptedNode _node = ScriptedNode.Start();
    private readonly CancellationTokenSource _attempt = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _attempt.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task LetOthersGoFirst_CommandsOrTheFirstStream_DoNotWait()
    {
        using var commands = await SlotAsync(ConnectionType.Interactive, hasServed: true);
        using var first = await SlotAsync(ConnectionType.Subscription, hasServed: false);

        await commands.LetOthersGoFirstAsync(_attempt, Served(1000), Token);
        await first.LetOthersGoFirstAsync(_attempt, Served(1000), Token);
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(5000, 1000)]
    public async Task LetOthersGoFirst_SubscriptionAgain_WaitsOnceInAnAttempt_AMillisecondForEachClient(int clients, int milliseconds)
    {
        using var slot = await SlotAsync(ConnectionType.Subscription, hasServed: true);

        var waiting = slot.LetOthersGoFirstAsync(_attempt, Served(clients), Token);
        await _clock.WaitedForAsync(waits => waits.Any(wait => wait > TimeSpan.Zero && wait <= TimeSpan.FromMilliseconds(milliseconds)), "the others");
        Assert.False(waiting.IsCompleted);
        _clock.Advance(Longest);
        await waiting;

        // The node refused the connection, perhaps: it is tried again.
        await slot.LetOthersGoFirstAsync(_attempt, Served(clients), Token);
        using var next = new CancellationTokenSource();
        Assert.False(slot.LetOthersGoFirstAsync(next, Served(clients), Token).IsCompleted);
    }

    private static ServedClients Served(int clients) => new(new RespReply($"connected_clients:{clients}", []));

    private async Task<StreamSlot> SlotAsync(ConnectionType type, bool hasServed)
    {
        var slot = new StreamSlot(ConnectionContexts.Create(_clock, new FakeLogger()), type, redirect: null);
        if (!hasServed)
            return slot;
        var dialer = new NodeDialer(NodeAccess.ToData(new ConvoyRedisOptions { Host = "127.0.0.1" }.Resolve(), tls: null));
        slot.Supersede(_attempt);
        await slot.AdoptAsync(_attempt, await dialer.DialAsync(_node.Endpoint, Token), Token);
        return slot;
    }
}
