using System.Collections.Concurrent;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Tests.Resilience;

public sealed class OrderedWorkTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Post_FirstIsSlowAndFails_NextRunsAfterIt()
    {
        var work = new OrderedWork();
        var (order, slow, done) = (new ConcurrentQueue<int>(), new TaskCompletionSource(), new TaskCompletionSource());
        work.Post(async () =>
        {
            await slow.Task;
            order.Enqueue(1);
            throw new InvalidOperationException("first");
        });
        work.Post(() =>
        {
            order.Enqueue(2);
            done.SetResult();
            return Task.CompletedTask;
        });

        Assert.Empty(order);
        slow.SetResult();

        await done.Task.WaitAsync(Bound, Token);
        Assert.Equal([1, 2], order);
    }

    [Fact]
    public async Task Post_CallerHasAContext_WorkDoesNotSeeIt()
    {
        var ambient = new AsyncLocal<string> { Value = "caller's" };
        var seen = new TaskCompletionSource<string?>();

        new OrderedWork().Post(() =>
        {
            seen.SetResult(ambient.Value);
            return Task.CompletedTask;
        });

        Assert.Null(await seen.Task.WaitAsync(Bound, Token));
        Assert.Equal("caller's", ambient.Value);
    }
}
