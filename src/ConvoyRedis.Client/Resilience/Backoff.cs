namespace ConvoyRedis.Client.Resilience;

/// <summary>Exponential backoff with full jitter: what many clients do after the same fault must not be done by all of them at once.</summary>
internal struct Backoff(TimeSpan first, TimeSpan longest)
{
    private int _attempt;

    /// <summary>The pause before the next attempt: random, up to twice as long each time.</summary>
    public TimeSpan Next()
    {
        var bound = Math.Min(first.TotalMilliseconds * Math.Pow(2, _attempt++), longest.TotalMilliseconds);

        return TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * bound);
    }

    /// <summary>Begins again with the first pause.</summary>
    public void Reset() => _attempt = 0;
}
