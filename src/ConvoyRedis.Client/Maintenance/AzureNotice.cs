using System.Globalization;

namespace ConvoyRedis.Client.Maintenance;

/// <summary>
/// Reads what Azure Cache for Redis publishes: names and values in turn, separated by <c>|</c>
/// (https://github.com/Azure/AzureCacheForRedis/blob/main/AzureRedisEvents.md). Anybody who may publish on that server can publish this too.
/// </summary>
internal static class AzureNotice
{
    /// <summary>The pub/sub channel.</summary>
    public const string Channel = "AzureRedisEvents";

    /// <summary>The length of the longest text that is read.</summary>
    public const int Longest = 1000;

    /// <summary>Reads a message; null when it is not about the maintenance of a node, or makes no sense.</summary>
    public static NodeMaintained? Read(string? text)
    {
        if (text is null || text.Length > Longest)
            return null;
        var words = text.Split('|');
        var step = Value("NotificationType") switch
        {
            "NodeMaintenanceScheduled" => AzureStep.Scheduled,
            "NodeMaintenanceStarting" => AzureStep.Starting,
            "NodeMaintenanceStart" => AzureStep.Start,

            // Both names are in use.
            "NodeMaintenanceFailover" or "NodeMaintenanceFailoverComplete" => AzureStep.FailoverComplete,
            "NodeMaintenanceEnded" => AzureStep.Ended,
            _ => (AzureStep?)null,
        };
        if (step is null)
            return null;
        var hasStart = DateTimeOffset.TryParseExact(
            Value("StartTimeInUTC"), "s", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start);
        return new NodeMaintained(step.Value, hasStart ? start : null, bool.TryParse(Value("IsReplica"), out var isReplica) && isReplica);

        string? Value(string name)
        {
            for (var at = 0; at + 1 < words.Length; at += 2)
            {
                if (words[at] == name)
                    return words[at + 1];
            }

            return null;
        }
    }
}
