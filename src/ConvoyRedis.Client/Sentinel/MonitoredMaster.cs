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
/// <param name="Health">Whether it considers the monitored address down.</param>
/// <param name="Replicas">How many replicas it knows (<c>num-slaves</c>); null when it does not say.</param>
internal sealed record MonitoredMaster(long? Epoch, ConvoyRedisEndpoint? Address, MasterHealth Health, int? Replicas)
{
    /// <summary>What <see cref="IsDownForThisSentinelOnly"/> means; the sentinel's name goes before it.</summary>
    public const string DownForOneOnly = "considers the master down, but not enough other sentinels agree for a failover (sdown, no odown)";

    /// <summary>Whether the sentinel considers the master down and too few others do: nothing fails over.</summary>
    public bool IsDownForThisSentinelOnly => Health == MasterHealth.SubjectivelyDown;

    /// <summary>Reads a reply to <c>SENTINEL MASTER</c>.</summary>
    public static MonitoredMaster Read(RespReply reply)
    {
        var flags = reply.Field("flags") ?? "";
        return new MonitoredMaster(
            long.TryParse(reply.Field("config-epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : null,
            AnnouncedEndpoint.Read(reply.Field("ip"), reply.Field("port")),
            flags.Contains("o_down", StringComparison.Ordinal) ? MasterHealth.ObjectivelyDown
                : flags.Contains("s_down", StringComparison.Ordinal) ? MasterHealth.SubjectivelyDown : MasterHealth.Up,
            int.TryParse(reply.Field("num-slaves"), NumberStyles.None, CultureInfo.InvariantCulture, out var replicas) ? replicas : null);
    }
}
