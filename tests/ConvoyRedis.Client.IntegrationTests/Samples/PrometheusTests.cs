using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Samples;

/// <summary>
/// The alerts in docs/prometheus and the dashboard in deploy/grafana ask for nothing that is not there: the sample service's scrape, and what
/// <c>check</c> writes for Prometheus.
/// </summary>
public sealed partial class PrometheusTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Samples", "prometheus");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AlertsAndDashboard_EveryMetricAndLabel_IsInAScrapeOrACheck()
    {
        var scrape = await ScrapeAsync();

        var alerts = Alert().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yml"), Token)).ToList();
        Assert.Equal(12, alerts.Count);
        Assert.All(alerts, alert => Assert.Empty(scrape.Missing(alert.Groups["query"].Value, alert.Groups["texts"].Value)));

        var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "convoy-redis.json"), Token))!;
        var panels = dashboard["panels"]!.AsArray().Select(panel => panel!).ToList();
        var targets = panels.SelectMany(panel => panel["targets"]?.AsArray() ?? []).Select(target => target!).ToList();
        Assert.True(targets.Count > 20);
        Assert.All(targets, target => Assert.Empty(scrape.Missing(Text(target, "expr"), Text(target, "legendFormat"))));
        Assert.All(dashboard["annotations"]!["list"]!.AsArray(), annotation => Assert.Empty(scrape.Missing(Text(annotation!, "expr"), Text(annotation!, "titleFormat"))));

        // label_values(metric, label), for the variables; and every variable of a query is one of them.
        var variables = dashboard["templating"]!["list"]!.AsArray().Select(variable => variable!).ToList();
        var queries = variables.Where(variable => Text(variable, "type") == "query").Select(variable => Variable().Match(Text(variable, "definition"))).ToList();
        Assert.All(queries, query => Assert.Empty(scrape.Missing(query.Groups[1].Value, $"{{{{{query.Groups[2].Value}}}}}")));
        var names = variables.Select(variable => Text(variable, "name")).Append("__range").Append("__rate_interval").ToList();
        Assert.All(targets.SelectMany(target => Reference().Matches(Text(target, "expr"))), reference => Assert.Contains(reference.Groups[1].Value, names));

        // No panel covers another one.
        var cells = panels.Select(panel => panel["gridPos"]!).SelectMany(place =>
            from x in Enumerable.Range(place["x"]!.GetValue<int>(), place["w"]!.GetValue<int>())
            from y in Enumerable.Range(place["y"]!.GetValue<int>(), place["h"]!.GetValue<int>())
            select (x, y)).ToList();
        Assert.Equal(cells.Count, cells.Distinct().Count());
        Assert.InRange(cells.Max(cell => cell.x), 1, 23);
    }

    // Of a service that followed a planned failover and lost its connections once.
    private static async Task<Scrape> ScrapeAsync()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { Tls = new TlsSettings() }, Token);
        var master = await topology.GetMasterAsync(Token);
        await master.ExecuteAsync("SADD", "asynq:queues", "default");
        await using var api = await SampleApi.StartAsync(topology.EnvironmentVariables, Token);
        Assert.Equal("1", await api.PostAsync("events", Token));
        await topology.FailoverAsync(Token);
        await HasAsync(api, "convoy_redis_failover_count_total{");
        Assert.Equal("2", await api.PostAsync("events", Token));
        Assert.Contains("\"status\":\"", await api.GetAsync("ready", Token), StringComparison.Ordinal);
        await topology.WaitUntilSettledAsync(Token);
        await (await topology.GetMasterAsync(Token)).ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await HasAsync(api, "convoy_redis_reconnect_count_total{");

        var (_, text, error) = await ConvoyRedisTool.RunAsync(
            topology.EnvironmentVariables, Path.GetTempPath(), "check", "--timeout", "30s", "--format", "prometheus");
        Assert.Equal("", error);
        return new Scrape(await api.GetAsync("metrics", Token) + text);
    }

    private static Task HasAsync(SampleApi api, string part) =>
        Eventually.TrueAsync(async () => (await api.GetAsync("metrics", Token)).Contains(part, StringComparison.Ordinal), Token);

    private static string Text(JsonNode node, string name) => node[name]?.GetValue<string>() ?? "";

    [GeneratedRegex("^ *expr: (?<query>.*)\n(?<texts>(?: {8}.*\n?)*)", RegexOptions.Multiline)]
    private static partial Regex Alert();

    [GeneratedRegex(@"^label_values\((.*), (\w+)\)$")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$(\w+)")]
    private static partial Regex Reference();
}
