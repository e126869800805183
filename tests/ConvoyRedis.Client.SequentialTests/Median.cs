namespace ConvoyRedis.Client.SequentialTests;

/// <summary>A time on a machine that others use too: measured several times, of which the median counts.</summary>
internal static class Median
{
    /// <summary>Measures five times, one after the other.</summary>
    /// <param name="bound">What the median must be below.</param>
    /// <param name="measure">One attempt.</param>
    public static async Task AssertBelowAsync(TimeSpan bound, Func<Task<TimeSpan>> measure)
    {
        var times = new List<TimeSpan>();
        while (times.Count < 5)
            times.Add(await measure());
        AssertBelow(bound, times);
    }

    /// <summary>Runs three attempts at the same time. For attempts that mostly wait: they would disturb each other if they needed the CPU.</summary>
    /// <param name="bound">What the median must be below.</param>
    /// <param name="measure">One attempt. It needs its own deployment: connections to the same one share their sentinel links.</param>
    public static async Task AssertBelowAtOnceAsync(TimeSpan bound, Func<Task<TimeSpan>> measure) =>
        AssertBelow(bound, await Task.WhenAll(measure(), measure(), measure()));

    private static void AssertBelow(TimeSpan bound, IEnumerable<TimeSpan> measured)
    {
        var times = measured.Order().ToList();
        var all = string.Join(", ", times.Select(time => $"{time.TotalMilliseconds:F1}"));
        TestContext.Current.SendDiagnosticMessage($"Took {all} ms");
        Assert.True(times[times.Count / 2] < bound, $"The median of {all} ms is not below {bound.TotalMilliseconds} ms.");
    }
}
