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

    /// <summary>Writes down what was measured, and reports on it.</summary>
    public static void Write<T>(string folder, string name, string command, T measured, Func<T, BenchmarkReport> report)
    {
        Directory.CreateDirectory(folder);
        var results = new Results<T>($"./eng/bench.sh {command}", Machine.Current(), measured);
        File.WriteAllText(Path.Combine(folder, name + ".json"), JsonSerializer.Serialize(results, Json) + "\n");
        Render(folder, name, report);
    }

    /// <summary>Reports on what was measured before, if it was.</summary>
    public static void Render<T>(string folder, string name, Func<T, BenchmarkReport> report)
    {
        var path = Path.Combine(folder, name + ".json");
        if (!File.Exists(path))
            return;
        var results = JsonSerializer.Deserialize<Results<T>>(File.ReadAllText(path), Json)!;
        var drawn = report(results.Measured);
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = WidthOfAFile;
        foreach (var table in drawn.Tables)
            table.Print(AnsiConsole.Console);
        foreach (var note in drawn.Notes)
            Console.WriteLine(note);
        File.WriteAllText(Path.Combine(folder, name + ".svg"), drawn.Picture.ToSvg() + "\n");
        File.WriteAllLines(Path.Combine(folder, name + ".md"),
        [
            $"# {drawn.Title}", "", $"`{results.Command}` on {results.Machine.Text()}", "", $"![{drawn.Picture.Title}]({name}.svg)",
            .. drawn.Tables.SelectMany(table => new[] { "", $"## {table.Title}", "" }.Concat(table.Markdown())),
            "", .. drawn.Notes.Select(note => $"- {note}"),
        ]);
        Console.WriteLine($"Written to {folder}: {name}.json, {name}.md, {name}.svg");
    }

    /// <summary>Puts the first table of each report into the README, between <c>&lt;!-- name.md --&gt;</c> and <c>&lt;!-- end --&gt;</c>.</summary>
    public static void Quote(string folder, string readme)
    {
        var lines = new List<string>();
        var isQuoted = false;
        foreach (var line in File.ReadLines(readme))
        {
            isQuoted &= line != "<!-- end -->";
            if (!isQuoted)
                lines.Add(line);
            var quoted = line.StartsWith("<!-- ", StringComparison.Ordinal) ? Path.Combine(folder, line[5..^4]) : null;
            if (!File.Exists(quoted))
                continue;
            isQuoted = true;
            lines.AddRange(File.ReadLines(quoted).SkipWhile(row => !row.StartsWith('|')).TakeWhile(row => row.StartsWith('|')));
        }

        File.WriteAllLines(readme, lines);
    }

    private sealed record Results<T>(string Command, Machine Machine, T Measured);
}
