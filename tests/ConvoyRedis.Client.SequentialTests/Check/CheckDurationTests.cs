using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.SequentialTests.Check;

/// <summary>How long <c>convoy-redis check</c> takes. On a busy machine sentinels may take each other for down as well.</summary>
public sealed class CheckDurationTests
{
    /// <summary>The guide's: a sentinel that waits a second for the disk is not down, as it would be after the lab's second.</summary>
    private static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_DeploymentOfTheGuide_IsAllGreenWithinTwoSeconds()
    {
        await using var topology = await SentinelTopology.StartAsync(new SentinelOptions { DownAfter = DownAfter }, Token);
        await AsynqQueues.FillAsync(await topology.GetMasterAsync(Token));

        var report = await CheckedDeployment.OfImpatientAsync(topology);

        Assert.Empty(report.Rows("failure").Concat(report.Rows("warning")).Concat(report.Rows("not_visible")));
        Assert.Empty(report.Troubles);
        Assert.Equal((0, "ok"), (report.ExitCode, report.Status));
        Assert.InRange(report.Took, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        var (master, sentinel) = ((await topology.GetMasterAsync(Token)).Address, topology.Sentinels[2].Address);
        Assert.Equal("ok: master; ", report[master, "role"]);
        Assert.Equal("ok: 2; ", report[master, "connected_slaves"]);
        Assert.Equal("ok: OK; ", report[sentinel, "ckquorum"]);
        Assert.Equal("ok: 2 of 2 in sync; ", report[sentinel, "replicas"]);
        Assert.Equal($"ok: {master}, by 3 of 3 sentinels; ", report["deployment", "master"]);
        double? Depth(string state) => report.Number("default", state);
        Assert.Equal((2, 1, 1, 0, 0), (Depth("pending"), Depth("active"), Depth("scheduled"), Depth("retry"), Depth("archived")));
        Assert.DoesNotContain(topology.Options.Password!, report.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_NodeDownAndSentinelHung_IsRightWithinFiveSeconds()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var master = await topology.GetMasterAsync(Token);
        var dead = topology.Nodes.First(node => node != master);
        await dead.KillAsync();
        await topology.Sentinels[0].HangAsync();

        var began = Stopwatch.GetTimestamp();
        var report = await CheckedDeployment.OfImpatientAsync(topology);

        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(2, report.ExitCode);
        Assert.Equal([$"{dead.Address} ping"], report.Rows("failure"));
        Assert.StartsWith("failure: down; ", report[dead.Address, "ping"], StringComparison.Ordinal);
        Assert.Matches("warning: down; .* did not answer within 1.5 s.* if one more sentinel is lost, automatic failover may stop", report[topology.Sentinels[0].Address, "link"]);
        Assert.Equal($"ok: {master.Address}, by 2 of 3 sentinels; ", report["deployment", "master"]);
        Assert.Equal("ok: accepted; ", report[master.Address, "writes"]);
    }
}
