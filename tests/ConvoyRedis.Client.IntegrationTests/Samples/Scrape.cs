using System.Text.RegularExpressions;

namespace ConvoyRedis.Client.IntegrationTests.Samples;

/// <summary>What Prometheus gets: series with their labels.</summary>
internal sealed partial class Scrape
{
    /// <summary>Labels that Prometheus adds.</summary>
    private static readonly string[] Added = ["instance", "job"];

    private readonly List<(string Metric, Dictionary<string, string> Labels)> _series;

    public Scrape(string text) => _series =
    [
        .. from Match series in Series().Matches(text)
           select (series.Groups[1].Value, Label().Matches(series.Groups[2].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value)),
    ];

    /// <summary>What a query asks for, and is not there.</summary>
    /// <param name="query">In PromQL.</param>
    /// <param name="legend">The labels that a legend shows, as <c>{{label}}</c>.</param>
    public IEnumerable<string> Missing(string query, string legend = "")
    {
        var metrics = new List<string>();
        foreach (Match selector in Selector().Matches(Grouping().Replace(query, "")))
        {
            var metric = selector.Groups[1].Value;
            var series = _series.Where(series => series.Metric == metric).ToList();
            metrics.Add(metric);
            if (series.Count == 0)
                yield return metric;
            foreach (Match label in Label().Matches(selector.Groups[2].Value))
            {
                // Variables of a dashboard can be anything.
                IEnumerable<string?> values = label.Groups[2].Value is var text && text.Contains('$', StringComparison.Ordinal) ? new string?[1] : text.Split('|');
                foreach (var value in values.Where(value => !series.Any(one => HasLabel(one.Labels, label.Groups[1].Value, value))))
                    yield return $"{metric}{{{label.Groups[1].Value}={value}}}";
            }
        }

        if (metrics.Count == 0)
            yield return $"a metric in {query}";
        var shown = Grouping().Matches(query).SelectMany(grouping => grouping.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
            .Concat(Placeholder().Matches(legend).Select(placeholder => placeholder.Groups[1].Value));
        foreach (var label in shown.Where(label => !_series.Any(series => metrics.Contains(series.Metric) && HasLabel(series.Labels, label, null))))
            yield return $"{label} of {string.Join(", ", metrics)}";
    }

    private static bool HasLabel(Dictionary<string, string> labels, string name, string? value) =>
        Added.Contains(name) || (labels.TryGetValue(name, out var found) && (value is null || found == value));

    [GeneratedRegex("""^(\w+)\{(.*)\} \S+""", RegexOptions.Multiline)]
    private static partial Regex Series();

    [GeneratedRegex("""(\w+)=~?"((?:[^"\\]|\\.)*)"(?:,|$)""")]
    private static partial Regex Label();

    [GeneratedRegex(@"\b((?:convoy_redis|db_client)_\w+)(?:\{([^}]*)\})?")]
    private static partial Regex Selector();

    [GeneratedRegex(@"\bby \(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}")]
    private static partial Regex Placeholder();
}
