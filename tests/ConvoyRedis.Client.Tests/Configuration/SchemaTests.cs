using System.Text.Json.Nodes;
using ConvoyRedis.Client.Configuration;
using NJsonSchema;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>docs/convoy.schema.json knows every key of convoy.json's redis section, and takes what the library takes.</summary>
public sealed class SchemaTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", "convoy.schema.json"));

    /// <summary>Shapes that no value has, but for lists of texts.</summary>
    private static readonly string[] Shapes = ["{}", """{ "a": "b" }""", """[["a"]]""", "[{}]", "[null]", """["a"]""", "[]", "[1]"];
    private const int ObjectShapes = 5;

    private static readonly string[] Keys = [.. Settings.All.SelectMany(setting => new[] { setting.Key, setting.FileKey }).OfType<string>()];

    [Fact]
    public void Schema_Keys_AreThoseOfTheSettings() =>
        Assert.Equal(
            Keys.Order(StringComparer.Ordinal),
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

        // A key that is not read is told of by the library and by the schema.
        var files = ConfigVector.All.Where(vector => vector is { Expected: not null, ConvoyJson: not null })
            .Select(vector => vector.ConvoyJson!)
            .Where(file => file["redis"] is not JsonObject section || section.All(entry => Keys.Contains(entry.Key))).ToList();

        Assert.True(files.Count > 75);
        Assert.All(files, file => Assert.Empty(schema.Validate(file.ToJsonString())));
    }

    [Fact]
    public async Task Schema_ShapesThatTheCodeRefuses_AreRefused()
    {
        var schema = await JsonSchema.FromJsonAsync(Text, TestContext.Current.CancellationToken);
        foreach (var key in Keys)
        {
            var files = Shapes.Select(shape => $$"""{ "redis": { "{{key}}": {{shape}} } }""")
                .Where(file => Problems(Loading.Load(file)).Any(problem => problem.StartsWith($"{key} in", StringComparison.Ordinal))).ToList();

            Assert.True(files.Count >= ObjectShapes, $"{key} may be an object or a list of lists.");
            Assert.All(files, file => Assert.NotEmpty(schema.Validate(file)));
        }
    }

    [Theory]
    [InlineData("""{ "redis": { "hots": "x" } }""")]
    [InlineData("""{ "redis": { "scheme": "http" } }""")]
    [InlineData("""{ "redis": { "port": 70000 } }""")]
    [InlineData("""{ "redis": { "command_timeout": "15 seconds" } }""")]
    [InlineData("""{ "redis": { "database": -1 } }""")]
    [InlineData("""{ "redis": { "tls": "yes" } }""")]
    [InlineData("""{ "redis": { "failover_mode": "eager,announced" } }""")]
    [InlineData("""{ "redis": { "tls_enabled": true } }""")]
    [InlineData("""{ "redis": "redis://h" }""")]
    [InlineData("""{ "redis": ["h"] }""")]
    [InlineData("""{ "redis": 6379 }""")]
    [InlineData("""[]""")]
    public async Task Schema_Mistakes_AreRefused(string file) =>
        Assert.NotEmpty((await JsonSchema.FromJsonAsync(Text, TestContext.Current.CancellationToken)).Validate(file));

    private static IReadOnlyList<string> Problems(ConvoyRedisOptions options)
    {
        var reader = new SettingReader(options.Values);
        reader.Resolve();
        return reader.Problems;
    }

    /// <summary>Values, in JSON, of which every setting takes some.</summary>
    private static readonly string[] Values =
    [
        "null", "\"\"", "\"x\"", "true", "false", "\"True\"", "\"TRUE\"", "\"t\"", "\"F\"", "\"0\"", "0", "1", "5", "70000", "\"5\"", "\"+5\"", "\"0x18eb\"", "\"010\"",
        "\" rediss \"", "\"REDIS-SENTINEL\"", "\"Announced\"", "\"1s\"", "\"1m30s\"", "\"1.5h\"", "\"h:1,[::1]:2\"", "[\"h\", \"i\"]", "[]", "[5]", "\"a:1=b:2\"",
        "\"redis://:p@h/2\"",
    ];

    [Fact]
    public async Task Schema_WhatTheCodeTakes_IsTaken()
    {
        var schema = await JsonSchema.FromJsonAsync(Text, TestContext.Current.CancellationToken);
        foreach (var setting in Settings.All)
        {
            foreach (var value in Values)
            {
                var file = $$"""{ "redis": { "{{setting.Key}}": {{value}} } }""";
                var isTaken = !Problems(Loading.Load(file)).Any(problem => problem.StartsWith(setting.Key, StringComparison.Ordinal));
                Assert.True(!isTaken || schema.Validate(file).Count == 0, file);
            }
        }
    }

    [Fact]
    public async Task Schema_Nothing_IsTaken() =>
        Assert.Empty((await JsonSchema.FromJsonAsync(Text, TestContext.Current.CancellationToken)).Validate("""{ "redis": null }"""));

    private static string Description(Setting setting)
    {
        var meaning = $"{char.ToUpperInvariant(setting.PlainDoc[0])}{setting.PlainDoc[1..]}.";
        return setting.DefaultDoc == "none" ? meaning : $"{meaning} Default: {setting.DefaultDoc.Replace("`", "", StringComparison.Ordinal)}.";
    }
}
