using System.Globalization;
using System.Text;
using System.Xml.Linq;
using ConvoyRedis.Tool.CommandLine;

namespace ConvoyRedis.Tool.Drill;

/// <summary>The report of a drill as a page to keep: Markdown, or HTML with the picture in it, by the name of the file.</summary>
internal static class DrillFile
{
    private const string Title = "Redis failover drill";

    private const string Meaning =
        "The writes came from a connection like that of a service. A write that failed was answered with an error; one that was lost had been acknowledged, "
        + "and is not on the new master.";

    private const string Css =
        """
        :root { color-scheme: light dark; --text: #1b1f24; --page: #ffffff; --line: #d6dae0; --good: #1a7f5a; --bad: #c0392b; --mark: #8250df; }
        @media (prefers-color-scheme: dark) { :root { --text: #e6e9ee; --page: #14171c; --line: #39404a; --good: #3fb68b; --bad: #ff7b6b; --mark: #b794f6; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); max-width: 920px; margin: 2em auto; padding: 0 1em; }
        table { border-collapse: collapse; margin: 1em 0; } td, th { border-bottom: 1px solid var(--line); padding: .3em 1em .3em 0; text-align: left; }
        td:last-child, th:last-child { text-align: right; font-variant-numeric: tabular-nums; padding-right: 0; }
        svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: var(--text); }
        .tick { text-anchor: middle; } .before { text-anchor: end; }
        .grid { stroke: var(--line); } .axis { stroke: var(--text); } .mark { stroke: var(--mark); stroke-dasharray: 4 3; }
        .acknowledged { fill: var(--good); } .failed { fill: var(--bad); } .legend .good { color: var(--good); } .legend .bad { color: var(--bad); }
        """;

    /// <summary>What is wrong with the name of the file; null if nothing is.</summary>
    public static string? Problem(string option, string path) => Path.GetExtension(path).ToLowerInvariant() is ".md" or ".html"
        ? OutputFile.Problem(option, path) : $"{option} '{path}' must end with .md (Markdown) or .html.";

    /// <exception cref="OutputFileException">It cannot be written.</exception>
    public static void Write(string path, DrillReport report) =>
        OutputFile.Write(path, Path.GetExtension(path).Equals(".md", StringComparison.OrdinalIgnoreCase) ? Markdown(report) : Html(report));

    private static string Markdown(DrillReport report)
    {
        var facts = new DrillFacts(report);
        var text = new StringBuilder($"# {Title}\n\n");
        foreach (var (name, value) in Head(report, facts))
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {Cell(value)}\n");
        text.Append(CultureInfo.InvariantCulture, $"\n```\n{OutageChart.Plain(report)}```\n");
        AddTable(text, "what happened", "after", facts.Timeline);
        AddTable(text, "figure", "value", facts.Figures);
        if (report.Errors.Count > 0)
            AddTable(text, "error", "writes", [.. Errors(report)]);
        return text.Append(CultureInfo.InvariantCulture, $"\n{Meaning}\n").ToString();
    }

    private static void AddTable(StringBuilder text, string first, string second, IReadOnlyList<(string, string)> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n| {first} | {second} |\n| --- | ---: |\n");
        foreach (var (one, other) in rows)
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(one)} | {Cell(other)} |\n");
    }

    private static string Cell(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private static string Html(DrillReport report)
    {
        var facts = new DrillFacts(report);
        var page = new XElement("html", new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                new XElement("title", Title),
                new XElement("style", Css)),
            new XElement("body",
                new XElement("h1", Title),
                new XElement("ul", Head(report, facts).Select(fact => new XElement("li", $"{fact.Name}: {fact.Value}"))),
                OutagePicture.Draw(report),
                new XElement("p", new XAttribute("class", "legend"),
                    new XElement("span", new XAttribute("class", "good"), "■"), " acknowledged writes, ",
                    new XElement("span", new XAttribute("class", "bad"), "■"), " failed writes"),
                Table("what happened", "after", facts.Timeline),
                Table("figure", "value", facts.Figures),
                report.Errors.Count > 0 ? Table("error", "writes", Errors(report)) : null,
                new XElement("p", Meaning)));
        return $"<!DOCTYPE html>\n{page}\n";
    }

    private static XElement Table(string first, string second, IEnumerable<(string, string)> rows) => new("table",
        new XElement("tr", new XElement("th", first), new XElement("th", second)),
        rows.Select(row => new XElement("tr", new XElement("td", row.Item1), new XElement("td", row.Item2))));

    private static IEnumerable<(string Name, string Value)> Head(DrillReport report, DrillFacts facts)
    {
        yield return ("deployment", report.Target);
        yield return ("fault", facts.Fault);
        yield return ("new master", report.NewMaster);
        if (report.Slots is { } slots)
            yield return ("slots", slots);
        yield return ("time of the fault", string.Create(CultureInfo.InvariantCulture, $"{report.At:yyyy-MM-dd HH:mm:ss} UTC"));
        yield return ("written by", $"convoy-redis {typeof(DrillFile).Assembly.GetName().Version?.ToString(3)}");
    }

    private static IEnumerable<(string, string)> Errors(DrillReport report) =>
        report.Errors.Select(error => (error.Key, error.Value.ToString(CultureInfo.InvariantCulture)));
}
