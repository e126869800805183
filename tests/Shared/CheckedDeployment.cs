using System.Diagnostics;
using System.Text.Json.Nodes;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tests;

/// <summary>What <c>convoy-redis check --json</c> says of a deployment.</summary>
internal sealed class CheckedDeployment
{
    private const string Late = "did not answer within 1.5 s";

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

    public static async Task<CheckedDeployment> OfAsync(IEnumerable<KeyValuePair<string, string>> variables, params string[] arguments)
    {
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(variables, Path.GetTempPath(), ["check", "--json", .. arguments]);
        Assert.True(error.Length == 0, error);
        return new CheckedDeployment(exitCode, JsonNode.Parse(output)!.AsObject());
    }

    public static Task<CheckedDeployment> OfAsync(RedisTopology topology, params string[] arguments) =>
        OfAsync(topology.EnvironmentVariables, arguments);

    /// <summary>Checks a deployment whose servers all answer: again, while one of them does not in the time that a check has, on a busy machine.</summary>
    public static async Task<CheckedDeployment> OfAnsweringAsync(IReadOnlyDictionary<string, string> variables)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var report = await OfAsync(variables);
            if (!report.Text.Contains(Late, StringComparison.Ordinal))
                return report;
            Assert.True(Stopwatch.GetElapsedTime(began) < Limit, report.Text);
        }
    }

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

    /// <summary>Asserts that nothing fails. On a busy machine a server may not answer in the time that a check has: only then it is checked again.</summary>
    /// <returns>What it prints for people.</returns>
    public static async Task<string> IsWellAsync(IReadOnlyDictionary<string, string> variables)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(variables, Path.GetTempPath(), "check");
            if (exitCode is 0 or 1 && output.Contains(" 0 failures", StringComparison.Ordinal))
                return output;
            var isLate = output.Contains(Late, StringComparison.Ordinal);
            Assert.True(isLate && Stopwatch.GetElapsedTime(began) < Limit, $"{exitCode}: {output}{error}");
        }
    }

    private static string? Field(JsonObject row, string name) => row[name]?.GetValue<string>();
}
