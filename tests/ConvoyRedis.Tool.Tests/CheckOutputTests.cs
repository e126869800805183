using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tool.Tests;

/// <summary>How <c>convoy-redis check</c> writes: for Prometheus, to a file, again and again, and only what is wrong.</summary>
public sealed partial class CheckOutputTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task CheckPrometheus_EveryRow_IsASeriesOfItsOwn()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await redis.Server.ExecuteAsync("SADD", "asynq:queues", """a"b\c""");
        var variables = new Dictionary<string, string>(redis.EnvironmentVariables) { ["CONVOY_REDIS_HOTS"] = "x", ["CONVOY_REDIS_PROT"] = "x" };
        string[] patiently = ["check", "--timeout", "30s"];

        var (exitCode, text, error) = await ConvoyRedisTool.RunAsync(variables, _directory.FullName, [.. patiently, "--format", "prometheus"]);
        var (_, json, _) = await ConvoyRedisTool.RunAsync(variables, _directory.FullName, [.. patiently, "--format", "json"]);

        Assert.Equal((1, ""), (exitCode, error));
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Count(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)));
        var series = lines.Where(line => line[0] != '#').Select(line => Series().Match(line)).ToList();
        Assert.All(series, match => Assert.True(match.Success));
        var names = series.Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(names.Distinct(), names);

        // Both warnings about names are one series.
        var report = JsonNode.Parse(json)!;
        var rows = report["rows"]!.AsArray();
        Assert.Equal(2, rows.Count(row => row!["check"]!.GetValue<string>() == "settings"));
        string Labels(JsonNode row) => $"kind=\"{row["kind"]}\",subject=\"{row["subject"]!.GetValue<string>().Replace("\\", "\\\\").Replace("\"", "\\\"")}\",check=\"{row["check"]}\"}}";
        Assert.All(rows, row => Assert.Contains($"convoy_redis_check_status{{deployment=\"{report["target"]}\",{Labels(row!)}", names));
        Assert.All(rows, row => Assert.Equal(row!["number"] is not null, names.Contains($"convoy_redis_check_value{{deployment=\"{report["target"]}\",{Labels(row)}")));
        Assert.Contains(lines, line => line.EndsWith("check=\"settings\"} 1", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("check=\"writes\"} 0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("text", "0 failures")]
    [InlineData("json", "\"status\": \"ok\"")]
    [InlineData("prometheus", "convoy_redis_check_status{")]
    public async Task CheckOutput_File_IsReplacedAtOnce(string format, string part)
    {
        await using var redis = await StartAsTheGuideSaysAsync();
        var file = Path.Combine(_directory.FullName, "check.prom");
        await File.WriteAllTextAsync(file, "former", Token);
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(
            redis.EnvironmentVariables, _directory.FullName, "check", "--timeout", "30s", "--format", format, "--output", "check.prom");

        Assert.Equal((0, "", ""), (exitCode, output, error));
        Assert.Contains(part, await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);

        // Who reads while it is written has the former file to its end, and nothing is left beside it.
        Assert.Equal("former", await reader.ReadToEndAsync(Token));
        Assert.Equal("check.prom", Assert.Single(_directory.EnumerateFiles()).Name);
    }

    [Fact]
    public async Task CheckQuiet_HasOnlyWhatIsWrong()
    {
        await using var redis = await StartAsTheGuideSaysAsync();
        string[] quietly = ["check", "--quiet", "--timeout", "30s"];

        Assert.Equal((0, "", ""), await ConvoyRedisTool.RunAsync(redis.EnvironmentVariables, _directory.FullName, quietly));

        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(redis.EnvironmentVariables, _directory.FullName, [.. quietly, "--max-clients", "0"]);
        Assert.Equal((1, ""), (exitCode, error));
        Assert.Matches(@"\A! \S+ connected_clients: 1 \(healthy: stable, <= 0\)\n  \S[^│]*\Z", output);
    }

    [Fact]
    public async Task CheckWatch_ChecksAgainUntilItIsInterrupted_AndExitsWithTheLastOnesCode()
    {
        await using var redis = await StartAsTheGuideSaysAsync();
        string[] command = [Path.Combine(AppContext.BaseDirectory, "convoy-redis.dll"), "check", "--json", "--timeout", "30s", "--watch", "200ms"];
        var start = new ProcessStartInfo("dotnet", command) { RedirectStandardOutput = true };
        foreach (var (name, value) in redis.EnvironmentVariables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        async Task<string> NextAsync() => JsonNode.Parse((await process.StandardOutput.ReadLineAsync(Token))!)!["status"]!.GetValue<string>();
        try
        {
            Assert.Equal(["ok", "ok"], [await NextAsync(), await NextAsync()]);
            await redis.Server.ExecuteAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
            while (await NextAsync() != "failure")
            {
                // One may have been under way.
            }

            await CommandLineTests.InterruptAsync(process);
            Assert.Equal(2, process.ExitCode);
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task CheckWatch_SettingsAreWrong_EndsAtOnce()
    {
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(
            new Dictionary<string, string> { ["CONVOY_REDIS_PORT"] = "x" }, _directory.FullName, "check", "--watch", "1h");

        Assert.Equal((3, ""), (exitCode, output));
        Assert.Contains("CONVOY_REDIS_PORT", error, StringComparison.Ordinal);
    }

    private static Task<StandaloneRedis> StartAsTheGuideSaysAsync() =>
        StandaloneRedis.StartAsync(new StandaloneOptions { Configuration = ["save 3600 1", "maxmemory 512mb"] }, Token);

    [GeneratedRegex("""^(convoy_redis_check_(?:status|value)\{deployment="(?:[^"\\]|\\.)*",kind="[a-z]+",subject="(?:[^"\\]|\\.)*",check="[^"\\]+"\}) -?\d+(?:\.\d+)?$""")]
    private static partial Regex Series();
}
