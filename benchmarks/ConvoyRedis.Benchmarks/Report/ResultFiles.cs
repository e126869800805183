using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace ConvoyRedis.Benchmarks.Report;

/// <summary>What was measured, as JSON; and drawn from that alone: the same for people, as Markdown and as a picture.</summary>
internal static class ResultFiles
{
    private const int WidthOfAFile = 240;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Writes down what was measured.</summary>
    public static void Save<T>(string folder, string name, string command, T measured)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name + ".json"), JsonSerializer.Serialize(new Results<T>($"./eng/bench.sh {command}", Machine.Current(), measured), Json) + "\n");
    }

    /// <summary>Reports on what was measured, if it was.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name of the report.</param>
    /// <param name="report">Draws it.</param>
    /// <param name="parts">The files that it is drawn from; none for the one of its name.</param>
    public static void Render<T>(string folder, string name, Func<IReadOnlyList<T>, BenchmarkReport> report, params IReadOnlyList<string> parts)
    {
        var paths = (parts.Count == 0 ? [name] : parts).Select(part => Path.Combine(folder, part + ".json")).Where(File.Exists);
        List<Results<T>> results = [.. paths.Select(path => JsonSerializer.Deserialize<Results<T>>(File.ReadAllText(path), Json)!)];
        if (results.Count == 0)
            return;
        var drawn = report([.. results.Select(result => result.Measured)]);
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = WidthOfAFile;
        foreach (var table in drawn.Tables)
            table.Print(AnsiConsole.Console);
        foreach (var note in drawn.Notes)
            Console.WriteLine(note);
        File.WriteAllText(Path.Combine(folder, name + ".svg"), drawn.Picture.ToSvg() + "\n");
        if (drawn.Brief is { } brief)
            File.WriteAllText(Path.Combine(folder, name + "-brief.svg"), brief.ToSvg() + "\n");
        File.WriteAllLines(Path.Combine(folder, name + ".md"),
        [
            $"# {drawn.Title}", .. results.SelectMany(result => new[] { "", $"`{result.Command}` on {result.Machine.Text()}" }), "", $"![{drawn.Picture.Title}]({name}.svg)",
            .. drawn.Tables.SelectMany(table => new[] { "", $"## {table.Title}", "" }.Concat(table.Markdown())),
            "", .. drawn.Notes.Select(note => $"- {note}"),
        ]);
        Console.WriteLine($"Written to {folder}: {name}.md, {name}.svg");
    }

    /// <summary>
    /// Puts tables into a page: the first one of a report between <c>&lt;!-- name.md --&gt;</c> and <c>&lt;!-- end --&gt;</c>, the one with a title after
    /// <c>&lt;!-- name.md: title --&gt;</c>.
    /// </summary>
    public static void Quote(string folder, string page)
    {
        var lines = new List<string>();
        var isQuoted = false;
        foreach (var line in File.ReadLines(page))
        {
            isQuoted &= line != "<!-- end -->";
            if (!isQuoted)
                lines.Add(line);
            if (!line.StartsWith("<!-- ", StringComparison.Ordinal) || line[5..^4].Split(": ", 2) is not [var name, .. var title])
                continue;
            var table = TableOf(Path.Combine(folder, name), title is [var wanted] ? $"## {wanted}" : null);
            if (table.Count == 0)
                continue;
            isQuoted = true;
            lines.AddRange(table);
        }

        File.WriteAllLines(page, lines);
    }

    private static List<string> TableOf(string report, string? title) => !File.Exists(report) ? [] :
        [.. File.ReadLines(report).SkipWhile(line => title is not null && line != title).SkipWhile(row => !row.StartsWith('|')).TakeWhile(row => row.StartsWith('|'))];

    private sealed record Results<T>(string Command, Machine Machine, T Measured);
}
