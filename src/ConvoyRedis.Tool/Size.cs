using System.Globalization;

namespace ConvoyRedis.Tool;

/// <summary>Writes a number of bytes as Redis does.</summary>
internal static class Size
{
    private const double Step = 1024;

    public static string Text(double bytes)
    {
        string[] units = ["B", "K", "M", "G", "T"];
        var unit = 0;
        for (; bytes >= Step && unit < units.Length - 1; unit++)
            bytes /= Step;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0.#}{units[unit]}");
    }
}
