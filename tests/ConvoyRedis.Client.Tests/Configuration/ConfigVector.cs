using System.Text.Json.Nodes;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>
/// One case of config-vectors.json. <c>{directory}</c> in its texts stands for the directory of its files, of which one is convoy.json.
/// </summary>
internal sealed class ConfigVector(JsonObject fields)
{
    private const string Directory = "{directory}";

    /// <summary>The keys that a case may have.</summary>
    private static readonly string[] Known =
    [
        "name", "env", "convoy_json", "convoy_json_text", "flags", "files", "expect", "expect_error_mentions", "warnings_mention", "convoy_itself", "note", "source",
    ];

    /// <summary>All cases.</summary>
    public static IReadOnlyList<ConfigVector> All { get; } =
    [
        .. JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Configuration", "config-vectors.json")))!.AsArray()
            .Select(vector => new ConfigVector(vector!.AsObject())),
    ];

    public string Name => fields["name"]!.GetValue<string>();

    /// <summary>The environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment => fields["env"]!.AsObject().ToDictionary(variable => variable.Key, variable => variable.Value!.GetValue<string>());

    /// <summary>What convoy.json contains; null when there is none, or it is not JSON.</summary>
    public JsonObject? ConvoyJson => fields["convoy_json"]?.AsObject();

    /// <summary>What the settings mean; null when they are wrong.</summary>
    public JsonObject? Expected => fields["expect"]?.AsObject();

    /// <summary>Texts that the errors contain; empty when the settings are right.</summary>
    public IReadOnlyList<string> ErrorMentions => Texts("expect_error_mentions");

    /// <summary>Texts of the warnings; a case without them has no warning.</summary>
    public IReadOnlyList<string> WarningMentions => Texts("warnings_mention");

    /// <summary>What is wrong with how the case is written.</summary>
    public IEnumerable<string> Mistakes()
    {
        foreach (var (key, _) in fields.Where(field => !Known.Contains(field.Key)))
            yield return $"{key} is unknown";
        if (fields.ContainsKey("convoy_json") == fields.ContainsKey("convoy_json_text"))
            yield return "convoy_json or convoy_json_text must be there, and only one of them";
        if (fields.ContainsKey("expect") == fields.ContainsKey("expect_error_mentions"))
            yield return "expect or expect_error_mentions must be there, and only one of them";
        if (fields.ContainsKey("convoy_itself") && fields.ContainsKey("flags"))
            yield return "convoy_itself is recorded without flags";
    }

    /// <summary>Loads the settings in a directory.</summary>
    public ConvoyRedisOptions Load(TemporaryDirectory directory)
    {
        foreach (var (name, text) in fields["files"]?.AsObject() ?? [])
            directory.Write(name, text!.GetValue<string>());
        var json = Path.Combine(directory.Path, "convoy.json");
        if ((fields["convoy_json_text"]?.GetValue<string>() ?? ConvoyJson?.ToJsonString()) is { } content)
            File.WriteAllText(json, content);
        return ConvoyRedisOptions.Load(new ConvoyRedisSources
        {
            ConvoyJsonPath = json,
            Environment = Environment.ToDictionary(variable => variable.Key, variable => (string?)In(directory, variable.Value)),
            Args = [.. Texts("flags").Select(flag => In(directory, flag))],
        });
    }

    /// <summary>A text of the case, with the directory.</summary>
    public static string In(TemporaryDirectory directory, string text) => text.Replace(Directory, directory.Path, StringComparison.Ordinal);

    private List<string> Texts(string key) => [.. (fields[key]?.AsArray() ?? []).Select(text => text!.GetValue<string>())];
}
