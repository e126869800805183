using System.Text;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tunnel;
using ConvoyRedis.Client.Tunnel.Handover;
using ConvoyRedis.Shared;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Tunnel;

/// <summary>Which streams let those of other processes go first, and for how long; how long a stream waits for the next master when its node refuses writes.</summary>
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

    // The deadline of the first refusal is not that of the second one, which comes soon after it.
    [Fact]
    public async Task WritesRefused_AndOnceMore_EachTimeTheStreamWaitsUntilADeadlineOfItsOwn()
    {
        var (refusals, target) = (0, Target());
        using var dialers = new DeploymentDialers(target, _clock);
        var context = ConnectionContexts.Create(_clock, new FakeLogger());
        var plan = DialPlan.For(target, dialers, () => Interlocked.Increment(ref refusals), context);
        _node.Override = command => command[0] == "SET" ? "-READONLY You can't write against a read only replica.\r\n" : null;
        using var slot = await AdoptAsync(new StreamSlot(context, ConnectionType.Interactive, redirect: null, plan: () => plan));
        var stream = slot.Live!;
        var reading = Task.Run(async () =>
        {
            while (await stream.ReadAsync(new byte[1024]) > 0)
                _clock.Pulse.Beat();
        }, Token);

        async Task RefuseAsync(int times)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"), Token);
            await _clock.WaitedForAsync(target.HoldDeadline);
            Assert.Equal(times, Volatile.Read(ref refusals));
            _clock.Advance(target.HoldDeadline * 0.6);
        }

        await RefuseAsync(1);
        using (var handover = new StreamHandover(stream, (_, _) => throw new IOException(), TimeSpan.FromHours(1), context))
            await handover.ReleaseAsync();
        await RefuseAsync(2);

        Assert.True(stream.HasRefusedWrites);
        await Task.Delay(100, Token);
        Assert.False(stream.IsAborted);

        _clock.Advance(target.HoldDeadline * 0.5);
        await reading.InTimeAsync();
        Assert.True(stream.IsAborted);
    }

    private static ServedClients Served(int clients) => new(new RespReply($"connected_clients:{clients}", []));

    private static ConvoyRedisTarget Target() =>
        new ConvoyRedisOptions { Scheme = "redis-sentinel", Host = "127.0.0.1", MasterName = "mymaster" }.Resolve();

    private async Task<StreamSlot> SlotAsync(ConnectionType type, bool hasServed)
    {
        var slot = new StreamSlot(ConnectionContexts.Create(_clock, new FakeLogger()), type, redirect: null);
        return hasServed ? await AdoptAsync(slot) : slot;
    }

    private async Task<StreamSlot> AdoptAsync(StreamSlot slot)
    {
        var dialer = new NodeDialer(NodeAccess.ToData(Target(), tls: null));
        slot.Supersede(_attempt);
        await slot.AdoptAsync(_attempt, await dialer.DialAsync(_node.Endpoint, Token), Token);
        return slot;
    }
}
