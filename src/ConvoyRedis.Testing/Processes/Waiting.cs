using System.Diagnostics;

namespace ConvoyRedis.Testing.Processes;

/// <summary>Waits for what servers do on their own time and announce to nobody.</summary>
internal static class Waiting
{
    private const double Growth = 1.25;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Each question takes a connection of its own, and a machine has only so many.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Asks until the answer is yes; a server that does not answer counts as no.</summary>
    /// <exception cref="RedisStartException">It was not yes in time.</exception>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * Growth < LongestPause ? pause * Growth : LongestPause)
        {
            try
            {
                if (await isSo().ConfigureAwait(false))
                    return;
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(started) < Limit)
            {
                // Not now, then.
            }

            if (Stopwatch.GetElapsedTime(started) > Limit)
                throw new RedisStartException($"Timed out after {Limit.TotalSeconds} s waiting until {what}.");
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        }
    }
}
