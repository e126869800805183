using System.Diagnostics;
using System.Text.Json.Nodes;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tests;

/// <summary>What <c>convoy-redis check --json</c> says of a deployment.</summary>
internal sealed class CheckedDeployment
{
    /// <summary>For servers that all answer: on a busy machine not always in the time that a check gives them by default.</summary>
    private static readonly string[] Patiently = ["--timeout", "30s"];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly List<JsonObject> _rows;

    private CheckedDeployment(int exitCode, JsonObject report)
    {
        ExitCode = exitCode;
        Status = report["status"]!.GetValue<string>();
        Took = TimeSpan.FromMilliseconds(report["took_ms"]!.GetValue<double>());
        Text = report.ToJsonString();
        _rows = [.. report["rows"]!.AsArray().Select(row => row!.AsObject())];
    }

    public int ExitCode { get; }

    public string Status { get; }

    public TimeSpan Took { get; }

    public string Text { get; }

    /// <summary>Every row that is a warning or a failure.</summary>
    public IEnumerable<string> Troubles => _rows.Where(row => Field(row, "status") is "warning" or "failure").Select(row => row.ToJsonString());

    /// <summary>"subject check" of every row of this status.</summary>
    public IEnumerable<string> Rows(string status) =>
        _rows.Where(row => Field(row, "status") == status).Select(row => $"{Field(row, "subject")} {Field(row, "check")}");

    /// <summary>A row as "status: value; action"; null when there is none.</summary>
    public string? this[string subject, string check] =>
        _rows.SingleOrDefault(row => Field(row, "subject") == subject && Field(row, "check") == check) is { } row
            ? $"{Field(row, "status")}: {Field(row, "value")}; {Field(row, "action")}" : null;

    public double? Number(string subject, string check) =>
        _rows.Single(row => Field(row, "subject") == subject && Field(row, "check") == check)["number"]?.GetValue<double>();

    public static Task<CheckedDeployment> OfAsync(IEnumerable<KeyValuePair<string, string>> variables, params string[] arguments) =>
        RunAsync(variables, [.. Patiently, .. arguments]);

    public static Task<CheckedDeployment> OfAsync(RedisTopology topology, params string[] arguments) =>
        OfAsync(topology.EnvironmentVariables, arguments);

    /// <summary>Checks with the time for a server that a check has by default.</summary>
    public static Task<CheckedDeployment> OfImpatientAsync(RedisTopology topology) => RunAsync(topology.EnvironmentVariables, []);

    /// <summary>Checks until a row begins and goes on as it should: what servers notice of each other takes them seconds.</summary>
    public static async Task<CheckedDeployment> BecomesAsync(
        RedisTopology topology, string subject, string check, string beginning, string part, params string[] arguments)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var report = await OfAsync(topology, arguments);
            if (report[subject, check] is { } row && row.StartsWith(beginning, StringComparison.Ordinal) && row.Contains(part, StringComparison.Ordinal))
                return report;
            Assert.True(Stopwatch.GetElapsedTime(began) < Limit, $"{subject} {check} is still {report[subject, check]}");
        }
    }

    /// <summary>Asserts that nothing fails.</summary>
    /// <returns>What it prints for people.</returns>
    public static async Task<string> IsWellAsync(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(variables, Path.GetTempPath(), ["check", .. Patiently]);
        Assert.True(exitCode is 0 or 1 && output.Contains(" 0 failures", StringComparison.Ordinal), $"{exitCode}: {output}{error}");
        return output;
    }

    private static async Task<CheckedDeployment> RunAsync(IEnumerable<KeyValuePair<string, string>> variables, string[] arguments)
    {
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(variables, Path.GetTempPath(), ["check", "--json", .. arguments]);
        Assert.True(error.Length == 0, error);
        return new CheckedDeployment(exitCode, JsonNode.Parse(output)!.AsObject());
    }

    private static string? Field(JsonObject row, string name) => row[name]?.GetValue<string>();
}
