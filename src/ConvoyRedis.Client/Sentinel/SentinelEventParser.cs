using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// Reads what a sentinel publishes. An event's channel is its name; its text is <c>type name ip port</c>, followed for a replica by
/// <c>@ master-name ip port</c>, except for <c>+switch-master</c>: <c>master-name old-ip old-port new-ip new-port</c>
/// (Redis's <c>sentinel.c</c>, <c>sentinelEvent</c>).
/// </summary>
internal static class SentinelEventParser
{
    private const string SwitchMaster = "+switch-master";

    private const string TryFailover = "+try-failover";

    private static (string Channel, SentinelEventKind Kind)[] Kinds =>
    [
        (TryFailover, SentinelEventKind.FailoverTried),
        ("+odown", SentinelEventKind.ObjectivelyDown),
        ("-odown", SentinelEventKind.ObjectivelyUp),
        ("+selected-slave", SentinelEventKind.CandidateSelected),
        ("+failover-state-send-slaveof-noone", SentinelEventKind.PromotionOrdered),
        ("+failover-state-wait-promotion", SentinelEventKind.PromotionOrdered),
        ("+promoted-slave", SentinelEventKind.MasterSwitched),
        (SwitchMaster, SentinelEventKind.MasterSwitched),
        ("+config-update-from", SentinelEventKind.MasterSwitched),
        ("-failover-abort-not-elected", SentinelEventKind.FailoverAborted),
        ("-failover-abort-no-good-slave", SentinelEventKind.FailoverAborted),
        ("-failover-abort-slave-timeout", SentinelEventKind.FailoverAborted),
        ("+monitor", SentinelEventKind.MonitorChanged),
        ("-monitor", SentinelEventKind.MonitorChanged),
    ];

    /// <summary>The channels to subscribe to.</summary>
    public static IEnumerable<string> Channels => Kinds.Select(kind => kind.Channel).Except(OtherChannels);

    /// <summary>The channels of what changes a sentinel's other answers (who is up, who is known, the settings, its clock), and of what one can do without.</summary>
    public static IEnumerable<string> OtherChannels =>
        ["+sdown", "-sdown", "+slave", "+sentinel", "+sentinel-address-switch", "+set", "+reset-master", TryFailover, "+tilt", "-tilt"];

    /// <summary>Reads an event; null if it is about another master, or is irrelevant for a client.</summary>
    public static SentinelEvent? Parse(ConvoyRedisEndpoint sentinel, string masterName, string channel, string text)
    {
        var known = Kinds.Where(kind => kind.Channel == channel).Select(kind => (SentinelEventKind?)kind.Kind).SingleOrDefault();
        if (known is not { } kind)
            return null;
        var words = text.Split(' ');
        if (channel == SwitchMaster)
        {
            return words.Length >= 5 && words[0] == masterName
                ? new SentinelEvent(sentinel, kind, Endpoint(words, 1), Endpoint(words, 3))
                : null;
        }

        var at = Array.IndexOf(words, "@");
        if (at < 0)
            return words.Length >= 4 && words[1] == masterName ? new SentinelEvent(sentinel, kind, Endpoint(words, 2)) : null;
        return at >= 4 && words.Length >= at + 4 && words[at + 1] == masterName
            ? new SentinelEvent(sentinel, kind, Endpoint(words, at + 2), words[0] == "slave" ? Endpoint(words, 2) : null)
            : null;
    }

    private static ConvoyRedisEndpoint? Endpoint(string[] words, int at) => AnnouncedEndpoint.Read(words[at], words[at + 1]);
}
