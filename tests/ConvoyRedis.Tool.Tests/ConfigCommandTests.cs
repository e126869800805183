using System.Text.Json.Nodes;

namespace ConvoyRedis.Tool.Tests;

/// <summary><c>convoy-redis config</c> on every case of config-vectors.json, and what it prints for people.</summary>
public sealed class ConfigCommandTests : IDisposable
{
    private const int AtOnce = 4;

    private static readonly string[] Secrets = ["password", "sentinel_password"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    // Takes both cores for some seconds: not beside tests whose servers must answer in time.
    [Fact(DisableParallelization = true)]
    public async Task ConfigJson_EveryVector_GivesWhatIsExpectedWithoutItsSecrets()
    {
        var vectors = JsonNode.Parse(await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "config-vectors.json"), Token))!.AsArray();

        await Parallel.ForEachAsync(
            vectors.Select(vector => vector!).Where(IsForTheCommand), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Token }, AssertVectorAsync);
    }

    [Fact]
    public async Task Config_FileEnvironmentAndFlags_TellsWhereEachValueCameFrom()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "convoy.json"),
            """{ "redis": { "host": "from-file", "port": 7001, "password": "s3cr3t" } }""", Token);

        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(
            new Dictionary<string, string> { ["CONVOY_REDIS_HOST"] = "from-env", ["CONVOY_REDIS_HOTS"] = "x" },
            _directory.FullName, "config", "--redis-database", "3");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches(@"endpoints +│ from-env:7001 +│ CONVOY_REDIS_HOST \(environment\), port in", output);
        Assert.Matches(@"database +│ 3 +│ --redis-database \(command line\)", output);
        Assert.Matches(@"password +│ \*\*\* +│ password in convoy.json", output);
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

    private async ValueTask AssertVectorAsync(JsonNode vector, CancellationToken cancellationToken)
    {
        var name = vector["name"]!.GetValue<string>();
        var directory = _directory.CreateSubdirectory($"{Guid.NewGuid()}").FullName;
        if ((vector["convoy_json_text"]?.GetValue<string>() ?? vector["convoy_json"]?.ToJsonString()) is { } content)
            await File.WriteAllTextAsync(Path.Combine(directory, "convoy.json"), content, cancellationToken);

        var variables = vector["env"]!.AsObject().ToDictionary(variable => variable.Key, variable => variable.Value!.GetValue<string>());
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(variables, directory, "config", "--json");

        if (vector["expect"] is { } expected)
        {
            Assert.True(exitCode == 0, $"{name}: {error}");
            AssertFields(name, expected.AsObject(), JsonNode.Parse(output)!.AsObject());
            return;
        }

        Assert.True(exitCode == 3, $"{name}: {output}");
        Assert.All(vector["expect_error_mentions"]!.AsArray(),
            mention => Assert.Contains(mention!.GetValue<string>().Replace("{directory}/", "", StringComparison.Ordinal), error, StringComparison.Ordinal));
    }

    // The command has its own command line, and other files than convoy.json are the library's affair.
    private static bool IsForTheCommand(JsonNode vector) => vector["flags"] is null && vector["files"] is null;

    private static void AssertFields(string name, JsonObject expected, JsonObject actual)
    {
        foreach (var (field, value) in expected)
        {
            var shown = value is not null && Secrets.Contains(field) ? "***" : value;
            Assert.True(JsonNode.DeepEquals(shown, actual[field]), $"{name}: {field} is {actual[field]?.ToJsonString()}");
        }
    }
}
