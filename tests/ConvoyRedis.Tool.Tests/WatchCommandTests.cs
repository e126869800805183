using System.Globalization;
using System.Text.RegularExpressions;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tool.Tests;

/// <summary><c>convoy-redis watch</c> during a failover: as plain lines, and as a screen in a terminal.</summary>
public sealed partial class WatchCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_NoTerminal_WritesALineForEachChange()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var old = await topology.GetMasterAsync(Token);

        // When the sentinels' votes are split, they try again some 13 s after the master died.
        var watching = ConvoyRedisTool.RunAsync(topology.EnvironmentVariables, Path.GetTempPath(), "watch", "--for", "25s");

        // Its connection is there when it has told its name.
        await Eventually.TrueAsync(
            async () => (await old.ExecuteAsync("CLIENT", "LIST")).Text!.Contains($"name={Environment.MachineName}", StringComparison.Ordinal), Token);
        await old.KillAsync();
        var (exitCode, output, error) = await watching;

        Assert.Equal((0, ""), (exitCode, error));

        // The first one: on a busy machine the sentinels may take that master for down as well.
        var switched = Regex.Match(output, $@"\+switch-master {topology.Options.MasterName} {old.Host} {old.Port} (\S+) (\d+)");
        Assert.True(switched.Success, output);
        var master = $"{switched.Groups[1]}:{switched.Groups[2]}";
        string[] wanted =
        [
            $"node {old.Address}: master, ", $"node {old.Address}: master -> down", $"node {master}: replica -> master, ",
            $"sentinel {topology.Sentinels[0].Address}: master {old.Address}", "+sdown master convoy-redis", "+switch-master convoy-redis",
            $"connection: Following master {master} (previous: {old.Address}; ", $"connection: Master {old.Address} is down",
        ];
        Assert.All(wanted, part => Assert.True(output.Contains(part, StringComparison.Ordinal), $"There is no '{part}' in:\n{output}"));
        Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(@"^\d\d:\d\d:\d\d\.\d{3} ", line));
        Assert.DoesNotContain(topology.Options.Password!, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_Terminal_DrawsTheTopologyWithin80Columns()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var master = await topology.GetMasterAsync(Token);
        await topology.Nodes.First(node => node != master).KillAsync();

        var output = await TerminalScreen.RunAsync(topology.EnvironmentVariables, "watch --for 8s", Token);

        string[] wanted = ["node ", "role ", "memory ", $"{master.Address}  master", "  down", "sentinel ", "flags ", $"connection: Following {master.Address} at epoch 0"];
        Assert.All(wanted, part => Assert.Contains(part, output, StringComparison.Ordinal));
        Assert.All(output.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
    }

    [Fact]
    public async Task WatchQuiet_ServerStops_WritesThatButNotWhatItWasBefore()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);

        var watching = ConvoyRedisTool.RunAsync(redis.EnvironmentVariables, Path.GetTempPath(), "watch", "--for", "12s", "--quiet");

        // It asks each second, and has asked before it connects.
        async Task<int> AskedAsync() =>
            Calls().Match((await redis.Server.ExecuteAsync("INFO", "commandstats")).Text!) is { Success: true } calls ? int.Parse(calls.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
        await Eventually.TrueAsync(async () => await AskedAsync() > 4, Token);
        await redis.Server.KillAsync();
        var (exitCode, output, error) = await watching;

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains($"node {redis.Server.Address}: master -> down", output, StringComparison.Ordinal);
        Assert.DoesNotContain($"node {redis.Server.Address}: master,", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--for", "soon")]
    [InlineData("--redis-scheme", "http")]
    public async Task Watch_WrongInput_SaysWhatWasWritten(string option, string value)
    {
        var (exitCode, _, error) = await ConvoyRedisTool.RunAsync(new Dictionary<string, string>(), Path.GetTempPath(), "watch", option, value);

        Assert.Equal(3, exitCode);
        Assert.Contains(value, error, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"cmdstat_role:calls=(\d+)")]
    private static partial Regex Calls();
}
