using System.Text.Json;

namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>Reads the <c>redis</c> section of convoy.json; comments and trailing commas are accepted.</summary>
internal static class JsonFileSource
{
    private const string Section = "redis";
    private const string NotUnicode = "is not Unicode: half of a surrogate pair, or bytes that are not UTF-8.";
    private const string QueueProvider = "queue_provider";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads the file.</summary>
    /// <param name="values">Where the settings go.</param>
    /// <param name="path">The file.</param>
    /// <param name="isRequired">Whether it is a problem when the file is missing; otherwise nothing is read.</param>
    /// <returns>Whether the file is there.</returns>
    public static bool Read(SettingValues values, string path, bool isRequired)
    {
        var shown = Redaction.Quote(path)[1..^1];
        try
        {
            using var file = File.OpenRead(path);
            using var document = JsonDocument.Parse(file, Lenient);
            Read(values, document.RootElement, shown);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            if (isRequired)
                values.AddProblem($"{shown} does not exist.");
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or ArgumentException or NotSupportedException)
        {
            values.AddProblem(Explain(shown, exception));
        }

        return true;
    }

    private static void Read(SettingValues values, JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            values.AddProblem($"{path} is not a JSON object.");
            return;
        }

        List<JsonElement> sections = [];
        foreach (var property in root.EnumerateObject())
        {
            var name = Text(() => property.Name);
            if (string.Equals(name, Section, StringComparison.OrdinalIgnoreCase))
                sections.Add(property.Value);
            else if (string.Equals(name, QueueProvider, StringComparison.OrdinalIgnoreCase) && property.Value.ValueKind == JsonValueKind.String)
                values.WriteQueueProvider(Text(() => property.Value.GetString()!) ?? "", $"{name} in {path}");
        }

        if (sections.Count > 1)
            values.AddProblem($"{path} contains the key {Section} twice.");
        else if (sections is [{ ValueKind: JsonValueKind.Object } section])
            ReadSection(values, section, path);
        else if (sections is [{ ValueKind: not JsonValueKind.Null }])
            values.AddProblem($"{Section} in {path} {SectionSource.WrongShape}");
    }

    private static void ReadSection(SettingValues values, JsonElement section, string path)
    {
        var entries = new Dictionary<string, SectionEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in section.EnumerateObject())
        {
            if (Text(() => property.Name) is not { } key)
                values.AddProblem($"{Section} in {path} contains a key that {NotUnicode}");
            else if (Entry(key, property.Value) is not { } entry)
                values.AddProblem(SectionSource.Find(key), $"{key} in {path} contains text that {NotUnicode}");
            else if (!entries.TryAdd(key, entry))
                values.AddProblem($"{path} contains a key twice: {key}.");
        }

        SectionSource.Read(values, entries.Values, key => $"{key} in {path}", SectionSource.ConvoyKey);
    }

    // Null when it is not text.
    private static SectionEntry? Entry(string key, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
            return new SectionEntry(key, null, IsObject: true);
        if (value.ValueKind != JsonValueKind.Array)
            return Scalar(value) is { } text ? new SectionEntry(key, text) : value.ValueKind == JsonValueKind.Null ? new SectionEntry(key, null) : null;
        if (value.EnumerateArray().Any(item => item.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null))
            return new SectionEntry(key, null, IsObject: true);
        var items = value.EnumerateArray().Select(Scalar).ToList();
        return items.Contains(null) ? null : new SectionEntry(key, null, [.. items.OfType<string>()]);
    }

    private static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Text(() => value.GetString()!),
        JsonValueKind.Null => null,
        _ => value.GetRawText(),
    };

    // Null for a half of a surrogate pair, which JSON can write, and for bytes that are not UTF-8.
    private static string? Text(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    // The parser's own words may quote the text around the error, which may be a password.
    private static string Explain(string path, Exception exception) => exception switch
    {
        JsonException { LineNumber: { } line, BytePositionInLine: { } column } =>
            $"{path} is not valid JSON: line {line + 1}, column {column + 1}.",
        JsonException => $"{path} is not valid JSON.",
        UnauthorizedAccessException or IOException => $"{path} cannot be read: {ValueFile.Reason(exception)}.",
        _ => path.Length == 0 ? "The path of convoy.json is empty; use null to read no file." : $"'{path}' is not the path of a file.",
    };
}
