using System.Text.Json.Nodes;
using ConvoyRedis.Client.Configuration;
using NJsonSchema;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>docs/convoy.schema.json knows every key of convoy.json's redis section, and takes what the library takes.</summary>
public sealed class SchemaTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", "convoy.schema.json"));

    [Fact]
    public void Schema_Keys_AreThoseOfTheSettings() =>
        Assert.Equal(
            Settings.All.SelectMany(setting => new[] { setting.Key, setting.FileKey }).OfType<string>().Order(StringComparer.Ordinal),
            JsonNode.Parse(Text)!["properties"]!["redis"]!["properties"]!.AsObject().Select(property => property.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void Schema_Descriptions_AreThoseOfTheDeclarations() =>
        Assert.All(Settings.All, setting => Assert.Equal(
            Description(setting),
            JsonNode.Parse(Text)!["properties"]!["redis"]!["properties"]![setting.Key]!["description"]!.GetValue<string>()));

    [Fact]
    public async Task Schema_FilesOfTheVectors_AreTaken()
    {
        var schema = await JsonSchema.FromJsonAsync(Text, TestContext.Current.CancellationToken);
        var vectors = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Configuration", "config-vectors.json")))!.AsArray();
        var files = vectors.Where(vector => vector!["convoy_json"] is JsonObject && vector["expect"] is not null).ToList();

        Assert.NotEmpty(files);
        Assert.All(files, vector => Assert.Empty(schema.Validate(vector!["convoy_json"]!.ToJsonString())));
    }

    [Theory]
    [InlineData("""{ "redis": { "hots": "x" } }""")]
    [InlineData("""{ "redis": { "scheme": "http" } }""")]
    [InlineData("""{ "redis": { "port": 70000 } }""")]
    [InlineData("""{ "redis": { "command_timeout": "15 seconds" } }""")]
    public async Task Schema_Mistakes_AreRefused(string file) =>
        Assert.NotEmpty((await JsonSchema.FromJsonAsync(Text, TestContext.Current.CancellationToken)).Validate(file));

    private static string Description(Setting setting)
    {
        var meaning = $"{char.ToUpperInvariant(setting.PlainDoc[0])}{setting.PlainDoc[1..]}.";
        return setting.DefaultDoc == "none" ? meaning : $"{meaning} Default: {setting.DefaultDoc.Replace("`", "", StringComparison.Ordinal)}.";
    }
}
