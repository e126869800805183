using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>Asks one sentinel about one master, and validates the answers; one method for each command.</summary>
/// <param name="execute">Sends a command to the sentinel, and gives its reply.</param>
/// <param name="sentinel">The sentinel's address.</param>
/// <param name="masterName">The master to ask for.</param>
/// <param name="dialer">Explains what the sentinel refuses.</param>
internal sealed class SentinelClient(
    Func<IReadOnlyList<string>, CancellationToken, Task<RespReply>> execute, ConvoyRedisEndpoint sentinel, string masterName, NodeDialer dialer)
{
    /// <summary>
    /// <c>SENTINEL MASTER</c>; null if the sentinel does not know a master with that name, <see cref="MonitoredMaster.NotShown"/> if its ACL does not allow the question.
    /// </summary>
    /// <exception cref="ConvoyRedisConnectionException">It refuses to answer, or answers without a configuration epoch.</exception>
    public async Task<MonitoredMaster?> GetMasterAsync(CancellationToken cancellationToken)
    {
        var master = await execute(SentinelCommands.Master(masterName), cancellationToken).ConfigureAwait(false);
        if (master.IsError && DeniedCommands.IsDenial(master))
            return MonitoredMaster.NotShown;
        if (master.IsError)
            return IsUnknown(master) ? null : throw dialer.Refused(sentinel, master.Text!);
        var monitored = MonitoredMaster.Read(master);
        return monitored.Epoch is null ? throw Unusable("returned no usable config-epoch") : monitored;
    }

    /// <summary><c>SENTINEL GET-MASTER-ADDR-BY-NAME</c>; null if the sentinel does not know a master with that name.</summary>
    /// <exception cref="ConvoyRedisConnectionException">It refuses to answer, or names an address that cannot be used.</exception>
    public async Task<ConvoyRedisEndpoint?> GetMasterAddressAsync(CancellationToken cancellationToken)
    {
        var address = await execute(SentinelCommands.MasterAddress(masterName), cancellationToken).ConfigureAwait(false);
        if (address.IsError)
            return IsUnknown(address) ? null : throw dialer.Refused(sentinel, address.Text!);
        if (address.Items.Count == 0)
            return null;
        return AnnouncedEndpoint.TryRead(address[0], address[1], out var endpoint, out var problem)
            ? endpoint : throw Unusable($"announces {problem}");
    }

    /// <summary>The replica that this sentinel promotes (<c>SENTINEL REPLICAS</c>); null if there is none, or the sentinel does not say.</summary>
    public async Task<ConvoyRedisEndpoint?> GetPromotedAsync(CancellationToken cancellationToken)
    {
        var replicas = await execute(SentinelCommands.Replicas(masterName), cancellationToken).ConfigureAwait(false);
        return replicas.Items.Where(replica => replica.Field("flags")?.Split(',').Contains("promoted") == true)
            .Select(replica => AnnouncedEndpoint.Read(replica.Field("ip"), replica.Field("port"))).FirstOrDefault();
    }

    /// <summary>Whether the sentinel distrusts its own clock (<c>INFO sentinel</c>); false when it does not say.</summary>
    public async Task<bool> IsInTiltAsync(CancellationToken cancellationToken)
    {
        var info = NodeInfo.From(await execute(["INFO", "sentinel"], cancellationToken).ConfigureAwait(false));
        return info?["sentinel_tilt"] == "1";
    }

    /// <summary>Why no failover is possible (<c>SENTINEL CKQUORUM</c>); null when one is, or the sentinel does not say.</summary>
    public async Task<string?> GetQuorumFaultAsync(CancellationToken cancellationToken)
    {
        var quorum = await execute(SentinelCommands.Quorum(masterName), cancellationToken).ConfigureAwait(false);
        return quorum is { IsError: true, Text: { } text } && text.StartsWith("NOQUORUM", StringComparison.Ordinal) ? dialer.Shown(text) : null;
    }

    /// <summary>The id by which other sentinels know this one (<c>SENTINEL MYID</c>); null when it does not say.</summary>
    public async Task<string?> GetIdAsync(CancellationToken cancellationToken) =>
        await execute(SentinelCommands.Id, cancellationToken).ConfigureAwait(false) is { IsError: false } own ? own.Text : null;

    /// <summary>The other sentinels (<c>SENTINEL SENTINELS</c>) with a usable address; null when the sentinel does not say.</summary>
    public async Task<IReadOnlyList<SentinelPeer>?> GetPeersAsync(CancellationToken cancellationToken)
    {
        var peers = await execute(SentinelCommands.Sentinels(masterName), cancellationToken).ConfigureAwait(false);
        if (peers.IsError)
            return null;
        return
        [
            .. from peer in peers.Items
               let id = peer.Field("runid")
               let endpoint = AnnouncedEndpoint.Read(peer.Field("ip"), peer.Field("port"))
               where id is { Length: > 0 } && endpoint is not null
               select new SentinelPeer(id, endpoint.Value),
        ];
    }

    /// <summary>The fault of a sentinel that does not know a master with the configured name, with the names that it knows (<c>SENTINEL MASTERS</c>).</summary>
    public async Task<ConvoyRedisConnectionException> ExplainUnknownMasterAsync(CancellationToken cancellationToken) => UnknownMaster.Explain(
        sentinel, masterName, await execute(SentinelCommands.Masters, cancellationToken).ConfigureAwait(false), dialer);

    private static bool IsUnknown(RespReply error) => error.Text!.Contains("No such master", StringComparison.OrdinalIgnoreCase);

    private ConvoyRedisConnectionException Unusable(string what) => new(
        ConvoyRedisFault.NoMaster, $"Sentinel {sentinel} knows the master '{masterName}', but {what}. {Remedies.UnusableMaster}");
}
