using System.Globalization;

namespace ConvoyRedis.Benchmarks.Report;

/// <summary>Medians, and how figures are written.</summary>
internal static class Figures
{
    public static double Median(this IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    public static string Count(this double figure) => figure.ToString("#,0.#", CultureInfo.InvariantCulture);

    public static string Rate(this double figure) => figure.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Ratio(this double figure) => figure.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>Milliseconds as a duration; infinity means never.</summary>
    public static string Duration(this double milliseconds) => milliseconds switch
    {
        double.PositiveInfinity => "never",
        < 99.95 => milliseconds.ToString("0.0", CultureInfo.InvariantCulture) + " ms",
        < 1000 => milliseconds.ToString("0", CultureInfo.InvariantCulture) + " ms",
        _ => (milliseconds / 1000).ToString("0.0", CultureInfo.InvariantCulture) + " s",
    };
}
