using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ConvoyRedis.Tests;

/// <summary>The version of the redis-server that the tests run on.</summary>
internal static partial class ServerVersion
{
    private static readonly Lazy<int> Present = new(Ask);

    /// <summary>The major version.</summary>
    public static int Major => Present.Value;

    /// <summary>Skips the test that runs if the server is older.</summary>
    /// <param name="major">The major version.</param>
    /// <param name="needed">What the test needs of it.</param>
    public static void Require(int major, string needed) => Assert.SkipUnless(Major >= major, $"{needed} is of Redis {major}.0.");

    private static int Ask()
    {
        var path = Environment.GetEnvironmentVariable("REDIS_SERVER_PATH") is { Length: > 0 } named ? named : "redis-server";
        using var process = Process.Start(new ProcessStartInfo(path, ["--version"]) { RedirectStandardOutput = true })!;
        return int.Parse(Version().Match(process.StandardOutput.ReadToEnd()).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"v=(\d+)\.")]
    private static partial Regex Version();
}
