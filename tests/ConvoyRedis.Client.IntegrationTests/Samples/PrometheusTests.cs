using System.Diagnostics;
using System.Text.RegularExpressions;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Samples;

/// <summary>The alerts in docs/prometheus ask for nothing that is not there: the sample service's scrape, and what check.jq makes of a check.</summary>
public sealed partial class PrometheusTests
{
    private static readonly string Prometheus = Path.Combine(AppContext.BaseDirectory, "Samples", "prometheus");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Alerts_EveryMetricAndCheck_IsInAScrapeOrACheck()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { Tls = new TlsSettings() }, Token);
        await using var api = await SampleApi.StartAsync(topology.EnvironmentVariables, Token);
        Assert.Equal("1", await api.PostAsync("events", Token));
        await topology.FailoverAsync(Token);
        await Eventually.TrueAsync(async () => (await api.GetAsync("metrics", Token)).Contains("convoy_redis_failover_count_total{", StringComparison.Ordinal), Token);
        Assert.Equal("2", await api.PostAsync("events", Token));
        Assert.Contains("\"status\":\"", await api.GetAsync("ready", Token), StringComparison.Ordinal);

        var report = await CheckedDeployment.OfAsync(topology);
        var there = await api.GetAsync("metrics", Token) + await WithJqAsync(report.Text);

        var expressions = (await File.ReadAllLinesAsync(Path.Combine(Prometheus, "alerts.yml"), Token))
            .Where(line => line.TrimStart().StartsWith("expr: ", StringComparison.Ordinal)).ToList();
        Assert.Equal(12, expressions.Count);
        var metrics = expressions.SelectMany(expression => Metric().Matches(Labels().Replace(expression, ""))).Select(match => match.Value).Distinct();
        Assert.All(metrics, metric => Assert.Matches($"(?m)^{metric}{{", there));
        var checks = expressions.SelectMany(expression => Check().Matches(expression)).SelectMany(match => match.Groups[1].Value.Split('|')).Distinct().ToList();
        Assert.True(checks.Count > 7);
        Assert.All(checks, check => Assert.Contains($"check=\"{check}\"}}", there, StringComparison.Ordinal));
    }

    private static async Task<string> WithJqAsync(string json)
    {
        var start = new ProcessStartInfo("jq", ["-r", "-f", Path.Combine(Prometheus, "check.jq")]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var jq = Process.Start(start)!;
        var output = jq.StandardOutput.ReadToEndAsync(Token);
        await jq.StandardInput.WriteAsync(json);
        jq.StandardInput.Close();
        await jq.WaitForExitAsync(Token);
        Assert.Equal(0, jq.ExitCode);
        return await output;
    }

    [GeneratedRegex(@"\{[^}]*\}|by \([^)]*\)")]
    private static partial Regex Labels();

    [GeneratedRegex(@"(convoy_redis|db_client)_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex("check=~?\"([^\"]+)\"")]
    private static partial Regex Check();
}
