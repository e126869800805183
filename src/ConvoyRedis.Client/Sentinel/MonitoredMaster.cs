using System.Globalization;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>What a sentinel says about its master (<c>SENTINEL MASTER</c>).</summary>
/// <param name="Epoch">The configuration epoch; null when there is no usable one.</param>
/// <param name="Address">
/// The address that it monitors: until a failover has ended, the old master's, while GET-MASTER-ADDR-BY-NAME gives the new one's. Null when unusable.
/// </param>
/// <param name="Flags">The state of the monitored address and of a failover.</param>
/// <param name="Replicas">How many replicas it knows (<c>num-slaves</c>); null when it does not say.</param>
/// <param name="Sentinels">How many other sentinels it knows (<c>num-other-sentinels</c>).</param>
/// <param name="Quorum">How many of them must agree that the master is down.</param>
/// <param name="FailoverState">The step of a failover that this sentinel leads; null while it leads none.</param>
internal sealed record MonitoredMaster(
    long? Epoch, ConvoyRedisEndpoint? Address, string Flags, int? Replicas, string? Sentinels, string? Quorum, string? FailoverState)
{
    /// <summary>
    /// In place of what the sentinel does not show. Without an epoch, no answer overrules another one: a majority that names the same master does.
    /// </summary>
    public static readonly MonitoredMaster NotShown = new(0, null, "", null, null, null, null);

    /// <summary>What <see cref="IsDownForThisSentinelOnly"/> means; the sentinel's name goes before it.</summary>
    public const string DownForOneOnly = "considers the master down, but not enough other sentinels agree for a failover (sdown, no odown)";

    /// <summary>Whether it considers the monitored address down.</summary>
    public MasterHealth Health => Flags.Contains("o_down", StringComparison.Ordinal) ? MasterHealth.ObjectivelyDown
        : Flags.Contains("s_down", StringComparison.Ordinal) ? MasterHealth.SubjectivelyDown : MasterHealth.Up;

    /// <summary>Whether the master is up, and no failover is under way.</summary>
    public bool IsAtRest => Flags == "master";

    /// <summary>Whether this sentinel has ordered a promotion, and has not seen it yet (<c>sentinel.c</c>, <c>sentinelFailoverStateStr</c>).</summary>
    public bool IsPromotionOrdered => FailoverState is "send_slaveof_noone" or "wait_promotion";

    /// <summary>Whether the sentinel considers the master down and too few others do: nothing fails over.</summary>
    public bool IsDownForThisSentinelOnly => Health == MasterHealth.SubjectivelyDown;

    /// <summary>Reads a reply to <c>SENTINEL MASTER</c>.</summary>
    public static MonitoredMaster Read(RespReply reply) => new(
        long.TryParse(reply.Field("config-epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : null,
        AnnouncedEndpoint.Read(reply.Field("ip"), reply.Field("port")),
        reply.Field("flags") ?? "",
        int.TryParse(reply.Field("num-slaves"), NumberStyles.None, CultureInfo.InvariantCulture, out var replicas) ? replicas : null,
        reply.Field("num-other-sentinels"),
        reply.Field("quorum"),
        reply.Field("failover-state"));
}
