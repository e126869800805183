namespace ConvoyRedis.Client.Maintenance;

/// <summary>The steps of a maintenance that Azure Cache for Redis announces, each as <c>NodeMaintenance…</c>.</summary>
internal enum AzureStep
{
    /// <summary>Up to 15 minutes ahead. The node may go up to 3 minutes before the announced start.</summary>
    Scheduled,

    /// <summary>About 20 s ahead.</summary>
    Starting,

    /// <summary>Within 5 s.</summary>
    Start,

    /// <summary>The replica was promoted.</summary>
    FailoverComplete,

    /// <summary>Over.</summary>
    Ended,
}
