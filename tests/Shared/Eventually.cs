using System.Diagnostics;

namespace ConvoyRedis.Tests;

/// <summary>Waits for what is announced by no event.</summary>
internal static class Eventually
{
    private const double LongestPause = 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Asks somebody else: noticed one per cent late at most, since to ask a server a thousand times a second takes the time of a core.</summary>
    public static Task TrueAsync(Func<Task<bool>> condition, CancellationToken cancellationToken) =>
        TrueAsync(condition, waited => Math.Clamp(waited.TotalMilliseconds / 100, 1, LongestPause), cancellationToken);

    /// <summary>Looks each millisecond.</summary>
    public static Task TrueAsync(Func<bool> condition, CancellationToken cancellationToken) =>
        TrueAsync(() => Task.FromResult(condition()), _ => 1, cancellationToken);

    private static async Task TrueAsync(Func<Task<bool>> condition, Func<TimeSpan, double> pauseMilliseconds, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            var waited = Stopwatch.GetElapsedTime(began);
            Assert.True(waited < Limit, $"It did not come about within {Limit.TotalSeconds} s.");
            await Task.Delay(TimeSpan.FromMilliseconds(pauseMilliseconds(waited)), cancellationToken);
        }
    }
}
