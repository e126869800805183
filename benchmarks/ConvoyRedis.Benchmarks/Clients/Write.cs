using System.Globalization;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>A write of a client, in nanoseconds of the machine's monotonic clock.</summary>
/// <param name="Key">What was written; each key once.</param>
/// <param name="Began">When it was called.</param>
/// <param name="Ended">When it was acknowledged or failed.</param>
/// <param name="Error">Why it failed; null when it was acknowledged.</param>
internal sealed record Write(string Key, long Began, long Ended, string? Error)
{
    /// <summary>From a line of a client's process; null for another line.</summary>
    public static Write? TryParse(string line) => line.Split(' ', 5) switch
    {
        ["acknowledged", var key, var began, var ended] => new Write(key, Number(began), Number(ended), null),
        ["failed", var key, var began, var ended, var error] => new Write(key, Number(began), Number(ended), error),
        _ => null,
    };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
