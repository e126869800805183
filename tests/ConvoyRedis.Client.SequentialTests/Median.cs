namespace ConvoyRedis.Client.SequentialTests;

/// <summary>A time on a machine that others use too: measured several times, of which the median counts.</summary>
internal static class Median
{
    public static async Task<TimeSpan> OfAsync(int attempts, Func<Task<TimeSpan>> measure)
    {
        var times = new List<TimeSpan>();
        for (var attempt = 0; attempt < attempts; attempt++)
            times.Add(await measure());
        TestContext.Current.SendDiagnosticMessage($"Took {string.Join(", ", times.Select(time => $"{time.TotalMilliseconds:F1}"))} ms");
        return times.Order().ElementAt(attempts / 2);
    }
}
