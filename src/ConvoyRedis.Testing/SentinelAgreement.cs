using System.Globalization;
using ConvoyRedis.Testing.Processes;

namespace ConvoyRedis.Testing;

/// <summary>What the sentinels and nodes of a topology think of each other, and the wait until they agree.</summary>
internal sealed class SentinelAgreement(SentinelTopology topology)
{
    /// <summary>The fastest pace: where no failover is under way.</summary>
    public static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(100);

    private string MasterName => topology.Options.MasterName;

    private IEnumerable<RedisServer> Sentinels => topology.Sentinels.Where(sentinel => sentinel.CanAnswer);

    public async Task<RedisServer> GetMasterAsync(CancellationToken cancellationToken)
    {
        var votes = await Task.WhenAll(Sentinels.Select(sentinel => NamedMasterAsync(sentinel, cancellationToken))).ConfigureAwait(false);
        var elected = votes.OfType<RedisServer>().GroupBy(node => node).MaxBy(group => group.Count())
            ?? throw new IOException("No sentinel names a master.");
        return elected.Key;
    }

    /// <summary>Waits until they agree, and lets the sentinels ask and tell more often meanwhile.</summary>
    public Task HastenedWaitAsync(CancellationToken cancellationToken) => AtPaceAsync(
        // For four periods of publishing, a sentinel bears with a node that says "master" and is none to it, and then makes it a replica. As long as a
        // failover is under way, that may be the new master, which its leader announces within about a second.
        TimeSpan.FromSeconds(1),
        async () =>
        {
            await Waiting.UntilAsync("the failover is over", () => IsFailoverOverAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
            await SetPaceAsync(Fast, Fast, cancellationToken).ConfigureAwait(false);
            await WaitAsync(cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Lets the sentinels ask and tell at this pace for as long as something takes, as far as they can be told to.</summary>
    public async Task AtPaceAsync(TimeSpan period, Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await SetPaceAsync(period, period, cancellationToken).ConfigureAwait(false);
            await work().ConfigureAwait(false);
        }
        finally
        {
            // The defaults of sentinel.c.
            await SetPaceAsync(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2), CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until they agree.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => Waiting.UntilAsync("the topology has settled", async () =>
    {
        var master = await GetMasterAsync(cancellationToken).ConfigureAwait(false);
        if (!await IsInSyncAsync(master, cancellationToken).ConfigureAwait(false))
            return false;
        foreach (var sentinel in Sentinels)
        {
            if (!await IsReadyAsync(sentinel, master, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return true;
    }, cancellationToken);

    // A replica that says "connected" has its copy, but is sent what was written since only when the master has heard from it, up to a
    // second later: promoted before that, it would lack all of it. So something is sent, and must have arrived.
    public async Task<bool> IsInSyncAsync(RedisServer master, CancellationToken cancellationToken)
    {
        await master.ExecuteAsync(["PUBLISH", "redis-lab:sync", ""], cancellationToken).ConfigureAwait(false);
        var sent = await master.ExecuteAsync(["ROLE"], cancellationToken).ConfigureAwait(false);
        if (sent.Items[0].Text != "master")
            return false;
        foreach (var replica in topology.Nodes.Where(node => node.CanAnswer && node != master))
        {
            var role = await replica.ExecuteAsync(["ROLE"], cancellationToken).ConfigureAwait(false);
            var isConnected = role.Items[0].Text == "slave" && role.Items[2].Text == Number(master.Port) && role.Items[3].Text == "connected";
            if (!isConnected || Offset(role.Items[4]) < Offset(sent.Items[1]))
                return false;
        }

        return true;
    }

    private static long Offset(RedisReply reply) => long.Parse(reply.Text!, CultureInfo.InvariantCulture);

    private async Task<bool> IsReadyAsync(RedisServer sentinel, RedisServer master, CancellationToken cancellationToken)
    {
        if (await NamedMasterAsync(sentinel, cancellationToken).ConfigureAwait(false) != master)
            return false;
        var view = await sentinel.ExecuteAsync(["SENTINEL", "MASTER", MasterName], cancellationToken).ConfigureAwait(false);
        if (view.Field("flags") != "master" || view.Field("num-other-sentinels") != Number(topology.Sentinels.Count - 1))
            return false;
        var quorum = await sentinel.ExecuteAsync(["SENTINEL", "CKQUORUM", MasterName], cancellationToken).ConfigureAwait(false);
        var replicas = await sentinel.ExecuteAsync(["SENTINEL", "REPLICAS", MasterName], cancellationToken).ConfigureAwait(false);
        var expected = topology.Nodes.Where(node => node.CanAnswer && node != master).Select(node => Number(node.Port));
        var fit = replicas.Items.Where(replica => replica.Field("flags") == "slave" && replica.Field("master-link-status") == "ok")
            .Select(replica => replica.Field("port"));
        return !quorum.IsError && expected.All(fit.Contains);
    }

    private async Task<bool> IsFailoverOverAsync(CancellationToken cancellationToken)
    {
        var views = await Task.WhenAll(Sentinels.Select(
            sentinel => sentinel.ExecuteAsync(["SENTINEL", "MASTER", MasterName], cancellationToken))).ConfigureAwait(false);
        return views.Select(view => view.Field("port")).Distinct().Count() == 1 && views.All(view => view.Field("flags") == "master");
    }

    // Null when it names none, or is killed while it is asked.
    private async Task<RedisServer?> NamedMasterAsync(RedisServer sentinel, CancellationToken cancellationToken)
    {
        string[] command = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MasterName];
        try
        {
            var address = await sentinel.ExecuteAsync(command, cancellationToken).ConfigureAwait(false);
            return address.Items.Count == 2 ? topology.Nodes.FirstOrDefault(node => Number(node.Port) == address.Items[1].Text) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private Task SetPaceAsync(TimeSpan infoPeriod, TimeSpan publishPeriod, CancellationToken cancellationToken) =>
        Task.WhenAll(Sentinels.Select(async sentinel =>
        {
            try
            {
                string[] command = ["SENTINEL", "DEBUG", "INFO-PERIOD", $"{infoPeriod.TotalMilliseconds}", "PUBLISH-PERIOD", $"{publishPeriod.TotalMilliseconds}"];
                await sentinel.ExecuteAsync(command, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // Killed just now; it comes back at its usual pace.
            }
        }));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
