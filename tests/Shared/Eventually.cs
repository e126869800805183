using System.Diagnostics;

namespace ConvoyRedis.Tests;

/// <summary>Waits for what is announced by no event.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task TrueAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Limit, $"It did not come about within {Limit.TotalSeconds} s.");
            await Task.Delay(1, cancellationToken);
        }
    }

    public static Task TrueAsync(Func<bool> condition, CancellationToken cancellationToken) =>
        TrueAsync(() => Task.FromResult(condition()), cancellationToken);
}
