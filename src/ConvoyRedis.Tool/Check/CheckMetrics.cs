using System.Globalization;
using System.Text;

namespace ConvoyRedis.Tool.Check;

/// <summary>A report in Prometheus's text format (https://prometheus.io/docs/instrumenting/exposition_formats/).</summary>
internal static class CheckMetrics
{
    /// <summary>The metric with how good or bad each row is.</summary>
    public const string Status = "convoy_redis_check_status";

    /// <summary>The metric with each row's number.</summary>
    public const string Value = "convoy_redis_check_value";

    public static string Write(CheckReport report)
    {
        // Several warnings about settings are one series: Prometheus takes each only once.
        var series = report.Rows.GroupBy(row => Labels(report, row), StringComparer.Ordinal).ToList();
        var text = new StringBuilder()
            .Append("# HELP ").Append(Status).Append(" What was looked at: 0 ok or not visible, 1 warning, 2 failure.\n")
            .Append("# TYPE ").Append(Status).Append(" gauge\n");
        foreach (var rows in series)
            text.Append(Status).Append(rows.Key).Append(' ').Append(rows.Max(row => Number(row.Status))).Append('\n');
        text.Append("# HELP ").Append(Value).Append(" The same as a number: percent, seconds, days or a count.\n")
            .Append("# TYPE ").Append(Value).Append(" gauge\n");
        foreach (var rows in series)
        {
            if (rows.First().Number is { } number)
                text.Append(Value).Append(rows.Key).Append(' ').Append(number.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }

        return text.ToString();
    }

    private static int Number(CheckStatus status) => status switch { CheckStatus.Failure => 2, CheckStatus.Warning => 1, _ => 0 };

    private static string Labels(CheckReport report, CheckRow row) =>
        $"{{deployment=\"{Escaped(report.Target)}\",kind=\"{row.Kind.ToString().ToLowerInvariant()}\",subject=\"{Escaped(row.Subject)}\",check=\"{Escaped(row.Check)}\"}}";

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
