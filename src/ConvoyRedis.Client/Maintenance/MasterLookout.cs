namespace ConvoyRedis.Client.Maintenance;

/// <summary>When to look for the master that an announcement leads to, and which one is taken.</summary>
/// <param name="time">The clock.</param>
/// <param name="closeAfter">The time until the endpoint is looked at closely.</param>
/// <param name="length">How long to look.</param>
/// <param name="move">The announced move; null for one of which only the time is known.</param>
internal sealed class MasterLookout(TimeProvider time, TimeSpan closeAfter, TimeSpan length, EndpointMoves? move)
{
    /// <summary>How long is looked after the announced start of a maintenance: the promotion takes some seconds, and the name may follow late.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>How long before the announced start the endpoint is looked at closely.</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromSeconds(5);

    private readonly long _began = time.GetTimestamp();

    /// <summary>The announced move, if there is one.</summary>
    public EndpointMoves? Move => move;

    /// <summary>Whether the endpoint is looked at closely.</summary>
    public bool IsClose => Elapsed >= closeAfter;

    /// <summary>Whether to stop looking.</summary>
    public bool IsOver => Elapsed >= length;

    /// <summary>
    /// Whether the endpoint is connected to again in any case: after half of the announced time, by Redis's rule for a move without an address. Behind an
    /// address that stays (a load balancer), only a new connection leads elsewhere. Before, a name mostly leads to the node that goes.
    /// </summary>
    public bool IsAnyTaken => move is not null && !WasRenewed && Elapsed >= move.Within / 2;

    /// <summary>Whether to resolve the endpoint's name: at once, unless an address was named.</summary>
    public bool IsNameAsked => move?.To is null || Elapsed >= move.Within / 2;

    /// <summary>Whether it was connected to again, without a sign that this leads elsewhere.</summary>
    public bool WasRenewed { get; set; }

    private TimeSpan Elapsed => time.GetElapsedTime(_began);

    /// <summary>The lookout that an announcement leads to; null for none.</summary>
    public static MasterLookout? For(MaintenanceNotice notice, TimeProvider time) => notice switch
    {
        EndpointMoves move => new MasterLookout(time, TimeSpan.Zero, move.Within + Lead, move),
        NodeMaintained { IsReplica: false, Step: AzureStep.Starting } starting => Until(starting.Start, time),
        NodeMaintained { IsReplica: false, Step: AzureStep.Start } or NodeMaintained { Step: AzureStep.FailoverComplete } =>
            new MasterLookout(time, TimeSpan.Zero, Patience, null),
        _ => null,
    };

    // The clock here, or there, may be wrong: the start is believed within bounds.
    private static MasterLookout Until(DateTimeOffset? start, TimeProvider time)
    {
        var ahead = (start ?? DateTimeOffset.MinValue) - time.GetUtcNow();
        ahead = ahead < TimeSpan.Zero ? TimeSpan.Zero : ahead > MaintenanceNotices.Longest ? MaintenanceNotices.Longest : ahead;
        return new MasterLookout(time, ahead - Lead, ahead + Patience, null);
    }
}
