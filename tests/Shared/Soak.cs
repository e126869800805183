namespace ConvoyRedis.Tests;

/// <summary>
/// What a test run does once, <c>eng/soak.sh counts</c> does as often as the project promises, and writes down what came of it: a row for
/// each in the table that the variable SOAK_RESULTS names.
/// </summary>
internal static class Soak
{
    private static readonly string? Results = Environment.GetEnvironmentVariable("SOAK_RESULTS");

    /// <summary>One of two figures: a smaller one for a test run, a larger one for the soak.</summary>
    public static int Figure(int inTest, int inSoak) => Results is null ? inTest : inSoak;

    public static void Report(string what, string result)
    {
        TestContext.Current.SendDiagnosticMessage($"{what}: {result}");
        if (Results is not null)
            File.AppendAllText(Results, $"| {what} | {result} |\n");
    }

    public static string Milliseconds(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Order().ToList();
        return FormattableString.Invariant($"median {sorted[sorted.Count / 2].TotalMilliseconds:F1} ms, longest {sorted[^1].TotalMilliseconds:F1} ms");
    }
}
