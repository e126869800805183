namespace ConvoyRedis.Client.Failover;

/// <summary>When a move to a promoted replica that no sentinel has committed yet is taken back.</summary>
/// <param name="state">What is followed.</param>
/// <param name="votes">What the sentinels name.</param>
/// <param name="down">Who considers the old master down.</param>
/// <param name="time">The clock.</param>
internal sealed class TentativeMove(FailoverState state, SentinelVotes votes, DownReports down, TimeProvider time)
{
    /// <summary>
    /// How long after the loss of a failover's leader the others may still learn of the promotion: the leader learns of it within a second and informs
    /// them at once. Below the default hold deadline, so that there is time left to go back.
    /// </summary>
    public static readonly TimeSpan OrphanPatience = TimeSpan.FromSeconds(1.5);

    private bool _isDemoted;

    /// <summary>Whether the promotion was undone, or cannot be completed: the previous master is the master.</summary>
    public bool IsUndone => state.View.IsTentative && (_isDemoted || IsOrphaned) && votes.IsMajority(state.View.Previous!.Value, state.View.Epoch);

    /// <summary>
    /// Whether no sentinel committed it in time. A promotion is announced within a second or two: if a majority still names the old master long after that,
    /// and does not consider it down, there was none that counts, whatever the leader published.
    /// </summary>
    public bool IsUncommitted => state.View.IsTentative && time.GetElapsedTime(state.MasterSince) > MasterTracker.FailoverPatience
        && votes.IsMajority(state.View.Previous!.Value, state.View.Epoch, isUp: true);

    private bool IsOrphaned =>
        state.Failover?.OrphanedSince is { } since && !down.IsDown && time.GetElapsedTime(since) >= OrphanPatience;

    /// <summary>
    /// Notes that the promoted node is not a master. Until the promotion is announced, every sentinel truthfully names the old master at the old epoch: that alone
    /// takes nothing back. But when it is a master no longer, its promotion was undone, and the majority is right.
    /// </summary>
    public void Note(FailoverObservation observation) =>
        _isDemoted |= state.View.IsTentative && observation is MasterDemoted demoted && demoted.Node == state.View.Master;

    /// <summary>
    /// A sentinel is gone or in TILT: holds the streams if it leads the failover. Only the leader ends its failover: without it, the others still name the old
    /// master, and make the promoted node its replica again some 10 s later. What is written there until then is lost; so while the old master lives,
    /// nothing is written anywhere until that is settled.
    /// </summary>
    public void HoldIfOrphaned(ConvoyRedisEndpoint sentinel)
    {
        if (state.Failover is not { IsOldMasterAlive: true, OrphanedSince: null } failover || failover.Leader != sentinel || !state.View.IsTentative)
            return;
        failover.OrphanedSince = time.GetTimestamp();
        state.Hold();
    }

    /// <summary>Another state is followed.</summary>
    public void Restart() => _isDemoted = false;
}
