using System.Text.Json.Nodes;
using ConvoyRedis.Client;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tool.Tests;

/// <summary>A cluster in <c>convoy-redis check</c>, <c>watch</c> and <c>drill</c>.</summary>
public sealed class ClusterTests
{
    private static readonly ClusterOptions Options = new() { Replicas = 1, Password = "s3cret", Tls = new TlsSettings { ServerLifetime = TimeSpan.FromDays(20) } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_WholeAndThenFailing_NamesShardsNodesAndSlots()
    {
        await using var cluster = await ClusterTopology.StartAsync(Options, Token);
        string[] queues = ["default", "critical", "low"];
        await using (var connection = await ConvoyRedisConnection.ConnectAsync(cluster.Options(), Token))
        {
            var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
            await database.SetAddAsync("asynq:queues", [.. queues]);
            foreach (var queue in queues)
                await database.ListRightPushAsync($"asynq:{{{queue}}}:pending", [queue, queue]);
        }

        // One address is enough: the others are named by it.
        var variables = cluster.EnvironmentVariables.ToDictionary();
        variables["CONVOY_REDIS_CLUSTER_ADDRESSES"] = string.Join(',', cluster.Nodes.Take(2).Select(node => node.Address));
        var report = await CheckedDeployment.OfAsync(variables);
        Assert.Empty(report.Rows("failure"));
        Assert.Equal("ok: ok; ", report["deployment", "cluster_state"]);
        Assert.Equal("ok: all have a master; ", report["deployment", "slots"]);
        Assert.StartsWith("ok: the same on 6 nodes, epoch ", report["deployment", "layout"], StringComparison.Ordinal);
        Assert.Equal("ok: 2 s: a failover takes about 4 s; ", report["deployment", "cluster-node-timeout"]);
        Assert.StartsWith("ok: yes: ", report["deployment", "cluster-require-full-coverage"], StringComparison.Ordinal);
        Assert.All(cluster.Nodes, node => Assert.Equal("ok: no; ", report[node.Address, "marked fail"]));
        Assert.All(cluster.Nodes.Take(3), node => Assert.Equal("ok: master; ", report[node.Address, "role"]));
        Assert.All(queues, queue => Assert.Equal("ok: 2; ", report[queue, "pending"]));
        var (master, replica) = (cluster.Nodes[0], cluster.Nodes[3]);
        Assert.Equal(
            ("ok: 5461; ", $"ok: {master.Address}; ", $"ok: {replica.Address}; ", "ok: 1; "),
            (report["0-5460", "slots"], report["0-5460", "master"], report["0-5460", "replicas"], report["0-5460", "epoch"]));

        // Its owner forgets a slot, which the others do not hear of.
        await cluster.Nodes[1].ExecuteAsync("CLUSTER", "DELSLOTS", "5461");
        await cluster.Nodes[1].ExecuteAsync("CONFIG", "SET", "cluster-node-timeout", "20000");
        report = await CheckedDeployment.OfAsync(cluster);
        Assert.Contains("cluster bus port", report["deployment", "layout"], StringComparison.Ordinal);
        Assert.Equal("warning: 2 or 20 s: a failover takes about 22 s; Set the same value on every node.", report["deployment", "cluster-node-timeout"]);
        await Task.WhenAll(cluster.Nodes.Select(node => node.ExecuteAsync("CLUSTER", "DELSLOTS", "5461")));
        await CheckedDeployment.BecomesAsync(cluster, "deployment", "slots", "failure: 5461 without a master", "redis-cli --cluster check");

        await replica.KillAsync();
        report = await CheckedDeployment.BecomesAsync(cluster, replica.Address, "marked fail", "warning: by 5 of 5 nodes", "cluster bus port");
        Assert.StartsWith($"warning: {replica.Address}, down; Add a replica", report["0-5460", "replicas"], StringComparison.Ordinal);
        Assert.StartsWith("failure: down", report[replica.Address, "ping"], StringComparison.Ordinal);
        await master.KillAsync();
        report = await CheckedDeployment.BecomesAsync(cluster, "deployment", "cluster_state", "failure: fail", "CLUSTER FAILOVER");
        Assert.StartsWith($"failure: {master.Address}, down; ", report["0-5460", "master"], StringComparison.Ordinal);
        Assert.Equal(2, report.ExitCode);
        Assert.DoesNotContain(Options.Password!, report.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DrillAndWatch_PlannedFailover_ShowWhoReplacedWhom()
    {
        await using var cluster = await ClusterTopology.StartAsync(Options, Token);
        var (old, replica) = (cluster.Nodes[0], cluster.Nodes[3]);
        var watching = ConvoyRedisTool.RunAsync(cluster.EnvironmentVariables, Path.GetTempPath(), "watch", "--for", "15s");
        await Eventually.TrueAsync(
            async () => (await old.ExecuteAsync("CLIENT", "LIST")).Text!.Contains($"name={Environment.MachineName}", StringComparison.Ordinal), Token);

        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(cluster.EnvironmentVariables, Path.GetTempPath(), "drill", "--json");

        Assert.True(exitCode == 0, error);
        var report = JsonNode.Parse(output)!.AsObject();
        Assert.Equal(
            ("planned", old.Address, replica.Address, "0-5460"),
            (Text(report, "fault"), Text(report, "old_master"), Text(report, "new_master"), Text(report, "slots")));
        Assert.Equal((0, 0), (report["lost"]!.GetValue<int>(), report["repeated"]!.GetValue<int>()));
        Assert.InRange(report["acknowledged"]!.GetValue<int>(), 100, 1_000_000);
        Assert.Equal("0", (await replica.ExecuteAsync("DBSIZE")).Text);

        (exitCode, output, error) = await watching;
        Assert.Equal((0, ""), (exitCode, error));
        string[] wanted =
        [
            // On a busy machine, the master may not answer the first question in time: it is shown as down then.
            $"shard 0-5460: master {old.Address}, ", "epoch 1, 1 of 1 replicas up", $"shard 0-5460: master {old.Address} -> master {replica.Address}, epoch ",
            $"connection: Shard 0-5460: {old.Address} -> {replica.Address} (", $"node {replica.Address}: replica -> master",
        ];
        Assert.All(wanted, part => Assert.True(output.Contains(part, StringComparison.Ordinal), $"There is no '{part}' in:\n{output}"));

        output = await TerminalScreen.RunAsync(cluster.EnvironmentVariables, "watch --for 8s", Token);
        Assert.All((string[])["shard ", "replicas up", $"0-5460       {replica.Address}", "connection: Following"],
            part => Assert.Contains(part, output, StringComparison.Ordinal));
        Assert.All(output.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
    }

    private static string? Text(JsonObject report, string name) => report[name]?.GetValue<string>();
}
