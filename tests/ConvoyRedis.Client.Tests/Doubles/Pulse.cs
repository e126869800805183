namespace ConvoyRedis.Client.Tests.Doubles;

/// <summary>Lets a test wait for what a double has seen: a condition is evaluated after each change, and at no other time.</summary>
internal sealed class Pulse
{
    /// <summary>When a wait has failed. Nothing is measured by it: a wait ends with the change that it is for.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private TaskCompletionSource _next = New();

    /// <summary>Something has changed.</summary>
    public void Beat() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="failure">What to say when it does not come to hold.</param>
    public async Task UntilAsync(Func<bool> condition, Func<string> failure)
    {
        if (!await IsSoAsync(condition, Limit))
            Assert.Fail(failure());
    }

    /// <summary>Waits until a condition holds, or for so long.</summary>
    /// <returns>Whether it holds.</returns>
    public async Task<bool> IsSoAsync(Func<bool> condition, TimeSpan longest)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(longest);
        while (true)
        {
            var next = Volatile.Read(ref _next).Task;
            if (condition())
                return true;
            if (limit.IsCancellationRequested)
                return false;
            await next.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
