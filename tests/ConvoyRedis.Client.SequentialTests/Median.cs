namespace ConvoyRedis.Client.SequentialTests;

/// <summary>A time on a machine that others use too: measured several times, of which the median counts.</summary>
internal static class Median
{
    /// <summary>Measures until more than half of the attempts are below the bound, or no longer can be.</summary>
    /// <param name="bound">What the median must be below.</param>
    /// <param name="attempts">How often it is measured at most: an odd number.</param>
    /// <param name="measure">One attempt.</param>
    public static async Task AssertBelowAsync(TimeSpan bound, int attempts, Func<Task<TimeSpan>> measure)
    {
        var times = new List<TimeSpan>();
        while (times.Count(time => time < bound) <= attempts / 2 && times.Count(time => time >= bound) <= attempts / 2)
            times.Add(await measure());
        var measured = string.Join(", ", times.Select(time => $"{time.TotalMilliseconds:F1}"));
        TestContext.Current.SendDiagnosticMessage($"Took {measured} ms");
        Assert.True(times.Count(time => time < bound) > attempts / 2, $"The median of {measured} ms is not below {bound.TotalMilliseconds} ms.");
    }
}
