using ConvoyRedis.Testing;

namespace ConvoyRedis.Tool.Tests;

/// <summary><c>convoy-redis check</c>: the guide's "Verify the Setup", on deployments that are set up well, badly, or not to be seen through.</summary>
public sealed class CheckCommandTests
{
    /// <summary>The guide's: a sentinel that waits a second for the disk is not down, as it would be after the lab's second.</summary>
    private static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(20, "warning", 1)]
    [InlineData(3, "failure", 2)]
    public async Task Check_CertificateAboutToExpire_SaysWhen(int days, string status, int exitCode)
    {
        await using var topology = await SentinelTopology.StartAsync(
            new SentinelOptions
            {
                DownAfter = DownAfter,
                SentinelPassword = "for sentinels",
                Tls = new TlsSettings { ServerLifetime = TimeSpan.FromDays(days + 0.5) },
            }, Token);

        var report = await CheckedDeployment.OfAsync(topology);

        Assert.Equal(exitCode, report.ExitCode);
        Assert.Equal(topology.Servers.Select(server => $"{server.Address} certificate").Order(), report.Rows(status).Order());
        Assert.StartsWith($"{status}: {days} days left; Renew it: it expires on ", report[topology.Nodes[0].Address, "certificate"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_TwoSentinels_SaysWhyThatIsWrong()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { Sentinels = 2, DownAfter = DownAfter }, Token);

        var report = await CheckedDeployment.OfAsync(topology);

        Assert.Equal(1, report.ExitCode);
        Assert.Equal("warning: 2; Run 3, on 3 machines: with 2, the loss of one leaves no majority, and automatic failover stops.", report["deployment", "sentinels"]);
    }

    [Fact]
    public async Task Check_SentinelsNamedByOthersOnly_AreCheckedToo()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { DownAfter = DownAfter }, Token);
        var variables = topology.EnvironmentVariables.ToDictionary();
        variables["CONVOY_REDIS_HOST"] = topology.Sentinels[1].Address;

        var report = await CheckedDeployment.OfAsync(variables);

        Assert.Empty(report.Troubles);
        Assert.Equal(0, report.ExitCode);
        Assert.All(topology.Sentinels, sentinel => Assert.Equal("ok: OK; ", report[sentinel.Address, "ckquorum"]));
    }

    [Fact]
    public async Task Check_SetUpOtherwiseThanTheGuide_TellsEverySetting()
    {
        await using var topology = await SentinelTopology.StartAsync(
            new SentinelOptions
            {
                Quorum = 1,
                DownAfter = TimeSpan.FromSeconds(20),
                FailoverTimeout = TimeSpan.FromSeconds(180),
                NodeConfiguration = ["appendonly no", "appendfsync no", "save \"\"", "stop-writes-on-bgsave-error no", "maxmemory 0",
                    "maxmemory-policy allkeys-lru", "timeout 5", "tcp-keepalive 0"],
            },
            Token);
        var master = await topology.GetMasterAsync(Token);
        await master.ExecuteAsync("CONFIG", "SET", "masterauth", "");

        var report = await CheckedDeployment.OfAsync(topology);

        Assert.Equal(2, report.ExitCode);
        Assert.StartsWith("failure: allkeys-lru; Set it to noeviction", report[master.Address, "maxmemory-policy"], StringComparison.Ordinal);
        Assert.StartsWith("warning: not set; ", report[master.Address, "masterauth"], StringComparison.Ordinal);
        Assert.All((string[])["appendonly", "appendfsync", "save", "stop-writes-on-bgsave-error", "maxmemory", "timeout", "tcp-keepalive"],
            setting => Assert.StartsWith("warning: ", report[topology.Nodes[1].Address, setting], StringComparison.Ordinal));
        var sentinel = topology.Sentinels[0].Address;
        Assert.StartsWith("warning: 1; Set it to 2", report[sentinel, "quorum"], StringComparison.Ordinal);
        Assert.StartsWith("warning: 20 s; Lower it, or raise command_timeout (15 s)", report[sentinel, "down-after"], StringComparison.Ordinal);
        Assert.StartsWith("warning: 180 s; Lower it", report[sentinel, "failover-timeout"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_ManagedService_SaysWhatIsNotVisibleAndDoesNotFail()
    {
        await using var redis = await StandaloneRedis.StartAsync(
            new StandaloneOptions { Configuration = ["user app on >s3cret ~* &* +@all -config -info -role -acl -client"] }, Token);
        await AsynqQueues.FillAsync(redis.Server);
        var variables = redis.EnvironmentVariables.ToDictionary();
        (variables["CONVOY_REDIS_USERNAME"], variables["CONVOY_REDIS_PASSWORD"]) = ("app", "s3cret");

        var report = await CheckedDeployment.OfAsync(variables);

        Assert.Empty(report.Troubles);
        Assert.Equal((0, "ok"), (report.ExitCode, report.Status));
        Assert.All((string[])["role", "used_memory", "maxmemory-policy", "appendonly", "disk", "redis_version"],
            check => Assert.Equal("not_visible: not visible here; ", report[redis.Server.Address, check]));
        Assert.Equal(2, report.Number("default", "pending"));
        Assert.DoesNotContain("s3cret", report.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Terminal_FitsInto80ColumnsAndTellsWhatToDo()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { DownAfter = DownAfter }, Token);
        var master = await topology.GetMasterAsync(Token);
        await topology.Nodes.First(node => node != master).KillAsync();

        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(topology.EnvironmentVariables, Path.GetTempPath(), "check", "--timeout", "30s");

        Assert.Equal((2, ""), (exitCode, error));
        Assert.Matches(@"^✗ \S+ ping: down[^✗]*$", string.Join('\n', output.Split('\n').Where(line => line.Contains('✗'))));
        Assert.All((string[])["stop-writes-on-bgsave-error ", master.Address, "Connection refused", "1 failure,"],
            part => Assert.Contains(part, output, StringComparison.Ordinal));
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("0s")]
    public async Task Check_WrongTimeout_SaysWhatIsWrong(string timeout)
    {
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(
            new Dictionary<string, string>(), Path.GetTempPath(), "check", "--timeout", timeout);

        Assert.NotEqual(0, exitCode);
        Assert.Contains($"--timeout '{timeout}' is not a duration", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_WrongSettings_TellsThemAndExitsWith3()
    {
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(
            new Dictionary<string, string> { ["CONVOY_REDIS_SCHEME"] = "http" }, Path.GetTempPath(), "check", "--json");

        Assert.Equal((3, ""), (exitCode, output));
        Assert.Contains("CONVOY_REDIS_SCHEME", error, StringComparison.Ordinal);
    }
}
