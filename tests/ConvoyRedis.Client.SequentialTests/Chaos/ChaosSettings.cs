using System.Globalization;

namespace ConvoyRedis.Client.SequentialTests.Chaos;

/// <summary>How long the chaos lasts and which one it is: 30 s in every test run, as long as wanted by <c>eng/soak.sh chaos</c>.</summary>
internal static class ChaosSettings
{
    private const int DefaultSeconds = 30;

    /// <summary>Always the same faults in a test run, so that one run can be compared with another; the soak takes others.</summary>
    private const int DefaultSeed = 1;

    public static TimeSpan Length { get; } = TimeSpan.FromSeconds(Number("CHAOS_SECONDS") ?? DefaultSeconds);

    public static int Seed { get; } = Number("CHAOS_SEED") ?? DefaultSeed;

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
