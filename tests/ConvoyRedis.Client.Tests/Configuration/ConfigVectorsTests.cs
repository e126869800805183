using System.Text.Json;
using System.Text.Json.Nodes;
using ConvoyRedis.Client.Configuration;
using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>Every case of config-vectors.json: settings, and what they mean or which texts their errors must contain; and their warnings.</summary>
public sealed class ConfigVectorsTests
{
    private const string Warning = "Warning: ";

    public static TheoryData<string> Names => [.. ConfigVector.All.Select(vector => vector.Name)];

    [Fact]
    public void Vectors_AreAllThere() => Assert.Equal(231, Names.Select(row => row.Data).Distinct().Count());

    [Theory]
    [MemberData(nameof(Names))]
    public void Vector_IsWrittenRightly(string name) => Assert.Empty(Vector(name).Mistakes());

    [Theory]
    [MemberData(nameof(Names))]
    public void Resolve_Vector_GivesWhatIsExpected(string name)
    {
        var vector = Vector(name);
        using var directory = new TemporaryDirectory();
        var options = vector.Load(directory);

        if (vector.Expected is { } expected)
        {
            var target = options.Resolve();
            AssertTarget(expected, target);
            AssertMentioned(vector.WarningMentions, target.Warnings, directory);
            return;
        }

        var failures = Assert.Throws<OptionsValidationException>(options.Resolve).Failures.ToLookup(failure => failure.StartsWith(Warning, StringComparison.Ordinal));
        var errors = string.Join('\n', failures[false]);
        Assert.All(vector.ErrorMentions, mention => Assert.Contains(ConfigVector.In(directory, mention), errors, StringComparison.Ordinal));
        AssertMentioned(vector.WarningMentions, [.. failures[true]], directory);
    }

    private static ConfigVector Vector(string name) => ConfigVector.All.Single(vector => vector.Name == name);

    private static void AssertTarget(JsonObject expected, ConvoyRedisTarget target)
    {
        var (actual, unset) = (Fields(target), Fields(new ConvoyRedisOptions().Resolve()));
        Assert.All(expected, field => Assert.Contains(field.Key, actual));

        // What a case leaves out is not set.
        foreach (var (field, value) in actual)
        {
            var wanted = expected.ContainsKey(field) ? expected[field] : unset[field];
            Assert.True(JsonNode.DeepEquals(wanted, value), $"{field}: expected {wanted?.ToJsonString()}, got {value?.ToJsonString()}");
        }
    }

    // Each text is in a warning, and each warning has one of the texts.
    private static void AssertMentioned(IReadOnlyList<string> mentions, IReadOnlyList<string> warnings, TemporaryDirectory directory)
    {
        var texts = mentions.Select(mention => ConfigVector.In(directory, mention)).ToList();
        Assert.All(texts, text => Assert.Contains(warnings, warning => warning.Contains(text, StringComparison.Ordinal)));
        Assert.All(warnings, warning => Assert.Contains(texts, text => warning.Contains(text, StringComparison.Ordinal)));
    }

    // The topology, the endpoints, and every setting of which they do not consist.
    private static Dictionary<string, JsonNode?> Fields(ConvoyRedisTarget target)
    {
        var fields = Settings.All.Where(setting => !((Setting[])[Settings.Scheme, Settings.Host, Settings.Port, Settings.Addresses]).Contains(setting))
            .ToDictionary(setting => setting.Key, setting => target[setting] is var value and (bool or int) ? value : SettingText.Write(target[setting]));
        fields["topology"] = SettingText.Write(target.Topology);
        fields["endpoints"] = target.Endpoints.Select(endpoint => endpoint.ToString());
        return fields.ToDictionary(field => field.Key, field => JsonSerializer.SerializeToNode(field.Value));
    }
}
