using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>Every case of config-vectors.json: settings, and what they mean or which names their error must mention.</summary>
public sealed class ConfigVectorsTests
{
    private static readonly JsonArray Vectors = JsonNode.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Configuration", "config-vectors.json")))!.AsArray();

    public static TheoryData<string> Names => [.. Vectors.Select(vector => vector!["name"]!.GetValue<string>())];

    [Fact]
    public void Vectors_AreAllThere() => Assert.Equal(62, Names.Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void Resolve_Vector_GivesWhatIsExpected(string name)
    {
        var vector = Vectors.Single(vector => vector!["name"]!.GetValue<string>() == name)!;
        using var directory = new TemporaryDirectory();
        var json = Path.Combine(directory.Path, "convoy.json");
        if (vector["convoy_json"] is { } content)
            File.WriteAllText(json, content.ToJsonString());
        var options = ConvoyRedisOptions.Load(new ConvoyRedisSources
        {
            ConvoyJsonPath = json,
            Environment = vector["env"]!.AsObject().ToDictionary(variable => variable.Key, variable => (string?)variable.Value),
        });

        if (vector["expect"] is { } expected)
        {
            AssertTarget(expected.AsObject(), options.Resolve());
            return;
        }

        var exception = Assert.Throws<OptionsValidationException>(options.Resolve);
        Assert.All(vector["expect_error_mentions"]!.AsArray(), mention =>
            Assert.Contains(mention!.GetValue<string>(), exception.Message, StringComparison.Ordinal));
    }

    private static void AssertTarget(JsonObject expected, ConvoyRedisTarget target)
    {
        var actual = JsonSerializer.SerializeToNode(new Dictionary<string, object?>
        {
            ["topology"] = target.Topology.ToString().ToLowerInvariant(),
            ["endpoints"] = target.Endpoints.Select(endpoint => endpoint.ToString()),
            ["tls"] = target.Tls,
            ["database"] = target.Database,
            ["username"] = target.Username,
            ["password"] = target.Password,
            ["master_name"] = target.MasterName,
            ["sentinel_username"] = target.SentinelUsername,
            ["sentinel_password"] = target.SentinelPassword,
            ["tls_skip_verify"] = target.TlsSkipVerify,
            ["tls_cert_file"] = target.TlsCertFile,
            ["tls_key_file"] = target.TlsKeyFile,
            ["tls_ca_cert_file"] = target.TlsCaCertFile,
        })!.AsObject();
        foreach (var (field, value) in expected)
            Assert.True(JsonNode.DeepEquals(value, actual[field]), $"{field}: expected {value?.ToJsonString()}, got {actual[field]?.ToJsonString()}");

        // What a case leaves out is not set.
        foreach (var (field, value) in actual.Where(field => !expected.ContainsKey(field.Key)))
            Assert.True(value is null || value.ToJsonString() == "false", $"{field} is {value?.ToJsonString()}");
    }
}
