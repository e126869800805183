namespace ConvoyRedis.Client.Resilience;

/// <summary>Exponential backoff with full jitter, so that many clients do not retry at the same time after the same fault.</summary>
internal struct Backoff(TimeSpan first, TimeSpan longest)
{
    private int _attempt;

    /// <summary>The pause before the next attempt: random, up to twice as long each time.</summary>
    public TimeSpan Next()
    {
        var bound = Math.Min(first.TotalMilliseconds * Math.Pow(2, _attempt++), longest.TotalMilliseconds);

        return TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * bound);
    }

    /// <summary>Restarts with the first pause.</summary>
    public void Reset() => _attempt = 0;
}
