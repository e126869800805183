using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tool.Tests;

/// <summary><c>convoy-redis drill</c> on its own lab and on a deployment given by variables.</summary>
public sealed partial class DrillCommandTests : IDisposable
{
    /// <summary>A silent node is left within 2 s, on a machine that is not busy.</summary>
    private const double LongestLagMs = 5000;

    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("sentinel", "planned")]
    [InlineData("sentinel", "kill")]
    [InlineData("sentinel", "hang")]
    [InlineData("cluster", "kill")]
    [InlineData("cluster", "hang")]
    [InlineData("endpoint", "moves")]
    [InlineData("endpoint", "silent")]
    public async Task DrillLab_Fault_ReportsTheTimeline(string lab, string fault)
    {
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(
            Nothing, Path.GetTempPath(), "drill", "--lab", lab, "--json", "--fault", fault, "--writers", "3");

        Assert.True(exitCode == 0, error);
        var report = JsonNode.Parse(output)!.AsObject();
        AssertReport(fault, report);
        Assert.Equal(
            (lab == "cluster" ? "0-5460" : null, lab == "sentinel", lab != "endpoint"),
            (report["slots"]?.GetValue<string>(), report["announced_ms"] is not null, report["redirect_ms"] is not null));
    }

    [Fact]
    public async Task Drill_Deployment_FailsItOverAndLeavesNoKeyBehind()
    {
        await using var topology = await SentinelTopology.StartAsync(
            new SentinelOptions { SentinelPassword = "for sentinels", Tls = new TlsSettings() }, Token);
        var old = await topology.GetMasterAsync(Token);

        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(
            topology.EnvironmentVariables, _directory.FullName, "drill", "--json", "--report", "drill.md");

        Assert.True(exitCode == 0, error);
        var report = JsonNode.Parse(output)!.AsObject();
        AssertReport("planned", report);
        AssertMarkdown(report, await File.ReadAllTextAsync(Path.Combine(_directory.FullName, "drill.md"), Token));
        var master = await topology.GetMasterAsync(Token);
        Assert.Equal((old.Address, master.Address), (report["old_master"]!.GetValue<string>(), report["new_master"]!.GetValue<string>()));
        Assert.Equal("0", (await master.ExecuteAsync("DBSIZE")).Text);
    }

    [Fact]
    public async Task DrillLab_Terminal_ShowsThePicture()
    {
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(Nothing, _directory.FullName, "drill", "--lab", "--report", "drill.html");

        Assert.True(exitCode == 0, error);
        AssertHtml(output, await File.ReadAllTextAsync(Path.Combine(_directory.FullName, "drill.html"), Token));
        Assert.Equal("drill.html", Assert.Single(_directory.EnumerateFiles()).Name);
        Assert.All((string[])["Starting 3 Redis nodes", "acknowledged ", "█", "F fault", "promotion", "first acknowledged write on the new master", "writes failed"],
            part => Assert.Contains(part, output, StringComparison.Ordinal));
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public async Task Drill_OneServer_SaysWhatItNeeds()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);

        var (exitCode, _, error) = await ConvoyRedisTool.RunAsync(redis.EnvironmentVariables, Path.GetTempPath(), "drill");

        Assert.Equal(3, exitCode);
        Assert.Contains("redis-sentinel, or a cluster", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--lab, which", "--fault", "kill")]
    [InlineData("--lab endpoint.", "--fault", "moves")]
    [InlineData("--lab endpoint.", "--lab", "cluster", "--fault", "silent")]
    [InlineData("--fault moves or --fault silent", "--lab", "endpoint", "--fault", "hang")]
    [InlineData("'redis'", "--lab", "redis")]
    [InlineData("must end with .md", "--report", "drill.pdf")]
    [InlineData("no such directory", "--report", "there/is/no/drill.html")]
    public async Task Drill_WrongOptions_SaysWhatIsPossible(string part, params string[] arguments)
    {
        var (exitCode, _, error) = await ConvoyRedisTool.RunAsync(Nothing, Path.GetTempPath(), ["drill", .. arguments]);

        Assert.Equal(3, exitCode);
        Assert.Contains(part, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DrillLab_NoRedisServer_SaysHowToInstallIt()
    {
        var (exitCode, _, error) = await ConvoyRedisTool.RunAsync(
            new Dictionary<string, string> { ["REDIS_TESTING_BACKEND"] = "processes", ["REDIS_SERVER_PATH"] = "/there/is/no/redis-server" },
            Path.GetTempPath(), "drill", "--lab");

        Assert.Equal(2, exitCode);
        Assert.Contains("/there/is/no/redis-server", error, StringComparison.Ordinal);
        Assert.Contains("apt-get install redis-server", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DrillQuiet_HasTheResultButNotWhatIsBeingDone()
    {
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(Nothing, Path.GetTempPath(), "drill", "--lab", "endpoint", "--quiet");

        Assert.True(exitCode == 0, error);
        Assert.DoesNotContain("Starting", output, StringComparison.Ordinal);
        Assert.StartsWith("acknowledged ", output.TrimStart(), StringComparison.Ordinal);
    }

    private static void AssertMarkdown(JsonObject report, string page)
    {
        Assert.StartsWith("# Redis failover drill\n\n- deployment: Sentinel ", page, StringComparison.Ordinal);
        Assert.Contains($"- fault: SENTINEL FAILOVER at {report["old_master"]}", page, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"| writes acknowledged | {report["acknowledged"]!.GetValue<int>():N0} |"), page, StringComparison.Ordinal);
        Assert.Matches(@"```\nacknowledged .*[▁▂▃▄▅▆▇█].*\nfailed  ", page);
    }

    // The page is well-formed, loads nothing, and has the figures of the terminal; the picture has bars, and each event at its place from left to right.
    private static void AssertHtml(string output, string page)
    {
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", page, StringComparison.Ordinal);
        var html = XElement.Parse(page["<!DOCTYPE html>\n".Length..]);
        Assert.DoesNotContain(html.Descendants().Attributes(), attribute => attribute.Name.LocalName is "src" or "href");
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        var cells = html.Descendants("tr").Select(row => string.Join('|', row.Elements("td").Select(cell => cell.Value))).ToList();
        var shown = Row().Matches(output).Select(row => $"{row.Groups[1].Value.Trim()}|{row.Groups[2].Value.Trim()}").Where(row => char.IsDigit(row.Split('|')[1][0]));
        Assert.InRange(shown.Count(), 11, 12);
        Assert.All(shown, row => Assert.Contains(row, cells));

        var picture = Assert.Single(html.Descendants(), element => element.Name.LocalName == "svg");
        var marks = picture.Elements().Where(element => element.Attribute("class")?.Value == "mark").Select(mark => (double)mark.Attribute("x1")!).ToList();
        Assert.InRange(marks.Count, 3, 4);
        Assert.Equal(marks.Order(), marks);
        Assert.True(picture.Elements().Count(element => element.Attribute("class")?.Value == "acknowledged") > 10);
    }

    [GeneratedRegex("│ ([^│]+) │ ([^│]+) │")]
    private static partial Regex Row();

    private static void AssertReport(string fault, JsonObject report)
    {
        double Value(string name) => report[name]!.GetValue<double>();
        Assert.Equal(fault, report["fault"]!.GetValue<string>());
        Assert.NotEqual(report["old_master"]!.GetValue<string>(), report["new_master"]!.GetValue<string>());
        Assert.InRange(Value("promotion_ms"), 0.1, Value("first_write_ms"));
        Assert.InRange(Value("first_write_ms"), Value("promotion_ms"), (report["announced_ms"]?.GetValue<double>() ?? Value("promotion_ms")) + LongestLagMs);
        Assert.InRange(Value("acknowledged"), 100, 1_000_000);
        Assert.InRange(Value("lost"), 0, 200);
        Assert.Equal(0, Value("repeated"));
        Assert.Equal(Value("failed"), report["errors"]!.AsObject().Sum(error => error.Value!.GetValue<int>()));
    }
}
