using System.Collections.Concurrent;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Tests.Doubles;

namespace ConvoyRedis.Client.Tests.Sentinel;

/// <summary>What links have observed, in its order.</summary>
/// <param name="pulse">Beats with each observation.</param>
internal sealed class Observations(Pulse pulse)
{
    private readonly ConcurrentQueue<FailoverObservation> _all = new();

    public void Add(FailoverObservation observation)
    {
        _all.Enqueue(observation);
        pulse.Beat();
    }

    public IReadOnlyList<T> Of<T>()
        where T : FailoverObservation => [.. _all.OfType<T>()];

    /// <summary>Waits until so many of a kind have been observed.</summary>
    public Task SeenAsync<T>(int times = 1)
        where T : FailoverObservation => SeenAsync<T>(_ => true, times);

    /// <summary>Waits until so many of a kind that meet a condition have been observed.</summary>
    public Task SeenAsync<T>(Func<T, bool> condition, int times = 1)
        where T : FailoverObservation => pulse.UntilAsync(
            () => Of<T>().Count(condition) >= times, () => $"Not observed {times} times: {typeof(T).Name}. Observed: {string.Join("; ", _all)}");
}
