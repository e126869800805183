using System.Text.Json.Nodes;
using ConvoyRedis.Client.Tests;
using ConvoyRedis.Client.Tests.Configuration;
using ConvoyRedis.Tool.Config;

namespace ConvoyRedis.Tool.Tests;

/// <summary><c>convoy-redis config</c> on every case of config-vectors.json, and what it prints for people.</summary>
public sealed class ConfigCommandTests : IDisposable
{
    private static readonly string[] Secrets = ["password", "sentinel_password"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Report_EveryVector_GivesWhatIsExpectedWithoutItsSecrets() => Assert.All(ConfigVector.All, vector =>
    {
        using var directory = new TemporaryDirectory();
        var (report, problems) = ConfigReport.Of(vector.Load(directory));

        Assert.True(vector.Expected is null == report is null, $"{vector.Name}: {string.Join('\n', problems)}");
        if (vector.Expected is { } expected)
            AssertFields(vector.Name, expected, JsonNode.Parse(report!.ToJson())!.AsObject());
        else
            Assert.All(vector.ErrorMentions, mention => Assert.Contains(ConfigVector.In(directory, mention), string.Join('\n', problems), StringComparison.Ordinal));
    });

    [Fact]
    public async Task ConfigJson_WritesTheReport()
    {
        using var directory = new TemporaryDirectory();
        var vector = ConfigVector.All.Single(vector => vector.Name == "environment overrides convoy.json, field by field");
        var report = ConfigReport.Of(vector.Load(directory)).Report!.ToJson();

        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(vector.Environment, directory.Path, "config", "--json");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(report.Replace($"{directory.Path}/", "", StringComparison.Ordinal), output.TrimEnd());
    }

    [Theory]
    [InlineData("convoy.json")]
    [InlineData("other.json", "--config", "other.json")]
    public async Task Config_FileEnvironmentAndFlags_TellsWhereEachValueCameFrom(string file, params string[] flags)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, file),
            """{ "redis": { "host": "from-file", "port": 7001, "password": "s3cr3t" } }""", Token);

        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(
            new Dictionary<string, string> { ["CONVOY_REDIS_HOST"] = "from-env", ["CONVOY_REDIS_HOTS"] = "x" },
            _directory.FullName, ["config", "--redis-database", "3", .. flags]);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches(@"endpoints +│ from-env:7001 +│ CONVOY_REDIS_HOST \(environment\), port in", output);
        Assert.Matches(@"database +│ 3 +│ --redis-database \(command line\)", output);
        Assert.Matches($@"password +│ \*\*\* +│ password in {file}", output);
        Assert.Contains("did you mean CONVOY_REDIS_HOST?", string.Join(' ', output.Split('\n', StringSplitOptions.TrimEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_WrongSettings_TellsAllOnStandardErrorAndExitsWith3()
    {
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(
            new Dictionary<string, string> { ["CONVOY_REDIS_SCHEME"] = "http", ["CONVOY_REDIS_PORT"] = "abc" },
            _directory.FullName, "config", "--json", "--config", "missing.json");

        Assert.Equal((3, ""), (exitCode, output));
        Assert.All((string[])["CONVOY_REDIS_SCHEME", "CONVOY_REDIS_PORT", "missing.json"],
            mention => Assert.Contains(mention, error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("CONVOY_REDIS_HOTS", "warning: CONVOY_REDIS_HOTS")]
    public async Task ConfigQuiet_HasOnlyWarnings(string unknown, string beginning)
    {
        Dictionary<string, string> variables = unknown.Length == 0 ? [] : new() { [unknown] = "x" };

        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(variables, _directory.FullName, "config", "--quiet");

        Assert.Equal((0, "", beginning.Length == 0), (exitCode, error, output.Length == 0));
        Assert.StartsWith(beginning, output, StringComparison.Ordinal);
        Assert.DoesNotContain("│", output, StringComparison.Ordinal);
    }

    private static void AssertFields(string name, JsonObject expected, JsonObject actual)
    {
        foreach (var (field, value) in expected)
        {
            var shown = value is not null && Secrets.Contains(field) ? "***" : value;
            Assert.True(JsonNode.DeepEquals(shown, actual[field]), $"{name}: {field} is {actual[field]?.ToJsonString()}");
        }
    }
}
