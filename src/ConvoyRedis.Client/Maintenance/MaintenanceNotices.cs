using System.Globalization;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Maintenance;

/// <summary>Reads the announcements that a server pushes: those of Redis Software and Redis Cloud, and those of Azure's channel.</summary>
internal static class MaintenanceNotices
{
    /// <summary>The longest time that is believed.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>How long answers are late when the server does not say it: it announces 0 or less in practice.</summary>
    public static readonly TimeSpan UsualDelay = TimeSpan.FromSeconds(10);

    /// <summary>How long answers may be late at most: until then, a node that is silent is not left.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>The names of Redis's announcements, which are told apart from other pushes by them.</summary>
    private static readonly string[] Names = ["MOVING", "MIGRATING", "MIGRATED", "FAILING_OVER", "FAILED_OVER"];

    /// <summary>Whether a push is meant as an announcement, readable or not.</summary>
    public static bool IsNotice(RespReply push) => Names.Contains(push[0]) || (push[0] == "message" && push[1] == AzureNotice.Channel);

    /// <summary>Reads a push; null when it is no announcement, or cannot be used.</summary>
    public static MaintenanceNotice? Read(RespReply push) => push[0] switch
    {
        "MOVING" => Number(push[1]) is { } sequence && Number(push[2]) is { } seconds
            ? new EndpointMoves(sequence, Bounded(seconds, Longest), Address(push[3]))
            : null,
        "MIGRATING" or "FAILING_OVER" => new AnswersDelayed(
            push[0]!, Number(push[2]) is > 0 and { } seconds ? Bounded(seconds, LongestDelay) : UsualDelay),
        "MIGRATED" or "FAILED_OVER" => new AnswersRestored(push[0]!),
        "message" when push[1] == AzureNotice.Channel => AzureNotice.Read(push[2]),
        _ => null,
    };

    // An address that cannot be used counts as none: then the endpoint's name decides.
    private static ConvoyRedisEndpoint? Address(string? text)
    {
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon < 0)
            return null;
        var host = text![..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        return host == "?" ? null : AnnouncedEndpoint.Read(host, text[(colon + 1)..]);
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static TimeSpan Bounded(long seconds, TimeSpan longest) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, (long)longest.TotalSeconds));
}
