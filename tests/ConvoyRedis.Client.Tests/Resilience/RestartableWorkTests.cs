using System.Collections.Concurrent;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Tests.Resilience;

/// <summary>One part runs at a time; a start ends the one before it, and nothing runs after the end.</summary>
public sealed class RestartableWorkTests : IAsyncDisposable
{
    private readonly RestartableWork _work = new();
    private readonly ConcurrentQueue<string> _course = new();

    public ValueTask DisposeAsync() => _work.DisposeAsync();

    [Fact]
    public async Task Start_WorkBlocks_ReturnsAtOnce()
    {
        var (isReleased, hasBegun) = (new TaskCompletionSource(), new TaskCompletionSource());

        _work.Start(_ =>
        {
            hasBegun.SetResult();
            isReleased.Task.Wait(TestContext.Current.CancellationToken);
            return Task.CompletedTask;
        });

        await hasBegun.Task.InTimeAsync();
        isReleased.SetResult();
    }

    [Fact]
    public async Task Start_SomethingRuns_EndsItAndBeginsWhenItHasEnded()
    {
        var first = new Part(this, "first");
        var second = new Part(this, "second");
        _work.Start(first.RunAsync);
        await first.HasBegun.Task.InTimeAsync();

        _work.Start(second.RunAsync);
        await first.IsStopped.Task.InTimeAsync();
        Assert.False(second.HasBegun.Task.IsCompleted);
        first.MayEnd.SetResult();
        await second.HasBegun.Task.InTimeAsync();

        Assert.False(second.IsStopped.Task.IsCompleted);
        Assert.Equal(["first begins", "first ends", "second begins"], _course);
        second.MayEnd.SetResult();
    }

    [Fact]
    public async Task Start_WhatRanHasFailed_Begins()
    {
        var next = new Part(this, "next");
        _work.Start(_ => throw new InvalidOperationException("failed"));

        _work.Start(next.RunAsync);

        await next.HasBegun.Task.InTimeAsync();
        next.MayEnd.SetResult();
    }

    [Fact]
    public async Task Stop_SomethingRuns_EndsItAndALaterStartBegins()
    {
        var first = new Part(this, "first");
        var second = new Part(this, "second");
        first.MayEnd.SetResult();
        second.MayEnd.SetResult();
        _work.Start(first.RunAsync);
        await first.HasBegun.Task.InTimeAsync();

        _work.Stop();
        await first.IsStopped.Task.InTimeAsync();
        _work.Start(second.RunAsync);
        await second.HasBegun.Task.InTimeAsync();

        Assert.False(second.IsStopped.Task.IsCompleted);
    }

    [Fact]
    public async Task Dispose_SomethingRuns_WaitsForItsEnd()
    {
        var part = new Part(this, "part");
        _work.Start(part.RunAsync);
        await part.HasBegun.Task.InTimeAsync();

        var disposing = _work.DisposeAsync().AsTask();
        await part.IsStopped.Task.InTimeAsync();
        Assert.False(disposing.IsCompleted);
        part.MayEnd.SetResult();

        await disposing.InTimeAsync();
        Assert.Equal(["part begins", "part ends"], _course);
    }

    // A decision that was under way when the connection ended.
    [Fact]
    public async Task StartAndStop_AfterTheEnd_DoNothing()
    {
        await _work.DisposeAsync();

        _work.Start(new Part(this, "late").RunAsync);
        _work.Stop();
        await _work.DisposeAsync();

        Assert.Empty(_course);
    }

    /// <summary>Work that ends after it was stopped, when the test allows it.</summary>
    private sealed class Part(RestartableWorkTests test, string name)
    {
        public TaskCompletionSource HasBegun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource IsStopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource MayEnd { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task RunAsync(CancellationToken stop)
        {
            test._course.Enqueue($"{name} begins");
            HasBegun.SetResult();
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            IsStopped.SetResult();
            await MayEnd.Task;
            test._course.Enqueue($"{name} ends");
        }
    }
}
