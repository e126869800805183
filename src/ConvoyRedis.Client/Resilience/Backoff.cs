namespace ConvoyRedis.Client.Resilience;

/// <summary>Exponential backoff with full jitter, so that many clients do not retry at the same time after the same fault.</summary>
internal struct Backoff(TimeSpan first, TimeSpan longest)
{
    /// <summary>More than any first pause takes to become the longest.</summary>
    private const int AttemptsToLongest = 30;

    private int _attempt;

    /// <summary>The pause before the next attempt: random, up to twice as long each time.</summary>
    /// <param name="isRefused">
    /// Whether the other side refused the attempt itself: then the pauses are spread over the longest one from the first on, since many clients are refused at
    /// the same time.
    /// </param>
    public TimeSpan Next(bool isRefused = false)
    {
        if (isRefused)
            _attempt = Math.Max(_attempt, AttemptsToLongest);
        var bound = Math.Min(first.TotalMilliseconds * Math.Pow(2, _attempt++), longest.TotalMilliseconds);

        return TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * bound);
    }

    /// <summary>Restarts with the first pause.</summary>
    public void Reset() => _attempt = 0;
}
