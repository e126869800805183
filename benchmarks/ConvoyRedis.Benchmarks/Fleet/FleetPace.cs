using System.Globalization;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>How often a client writes: as often as a machine of 2 cores bears of all clients together.</summary>
/// <param name="Pause">From one acknowledged write to the next.</param>
/// <param name="Retry">From a failed write to the next.</param>
internal sealed record FleetPace(TimeSpan Pause, TimeSpan Retry)
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LeastRetry = TimeSpan.FromMilliseconds(2);

    // 5,000 writes a second, and 10,000 attempts.
    private static readonly TimeSpan PausePerClient = TimeSpan.FromMilliseconds(0.2);
    private static readonly TimeSpan RetryPerClient = TimeSpan.FromMilliseconds(0.1);

    public static FleetPace Of(int clients) => new(Longer(LeastPause, PausePerClient * clients), Longer(LeastRetry, RetryPerClient * clients));

    /// <summary>As the process of the clients is told.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pause.TotalMilliseconds} {Retry.TotalMilliseconds}");

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
