namespace ConvoyRedis.Client.Failover;

/// <summary>
/// Decides whom to believe, and when: combines what the sentinels and the candidate say into one view, and decides what to do. It does no I/O,
/// owns no thread and no clock, and is not thread-safe. The rules are those of docs/architecture.md, "Whom to believe".
/// </summary>
/// <param name="mode">When to move to a promoted replica.</param>
/// <param name="holdDeadline">How long streams may be held.</param>
/// <param name="time">The clock.</param>
internal sealed class MasterTracker(FailoverMode mode, TimeSpan holdDeadline, TimeProvider time)
{
    /// <summary>
    /// How long the tracker waits for a failover to end. After that, its leader died or its abort was missed.
    /// Well above what a promotion needs after its order (0.1 s), and below the 30 s that Sentinel itself allows.
    /// </summary>
    public static readonly TimeSpan FailoverPatience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long after the loss of a failover's leader the others may still learn of the promotion: the leader learns of it within a second and informs
    /// them at once. Below the default hold deadline, so that there is time left to go back.
    /// </summary>
    public static readonly TimeSpan OrphanPatience = TimeSpan.FromSeconds(1.5);

    private readonly SentinelVotes _votes = new(time);
    private readonly DownReports _down = new(time);
    private readonly FailoverState _state = new(mode == FailoverMode.Eager, time);
    private bool _monitorChanged;
    private bool _isMasterDemoted;

    /// <summary>What is believed now.</summary>
    public MasterView View => _state.View;

    /// <summary>The sentinels that have named another master for longer than a failover explains.</summary>
    public IReadOnlyList<SentinelDissent> Dissent => _votes.DissentFrom(View.Master, _state.MasterSince);

    // The master that the sentinels know: they do not know a tentative one yet.
    private ConvoyRedisEndpoint? NamedMaster => View.Previous ?? View.Master;

    private FailoverUnderWay? Failover => _state.Failover;

    // In a failover without +odown, the old master still answers, so a handover is possible.
    private bool IsOldMasterAlive => !_down.IsDown && View.Phase is ConvoyRedisPhase.FailingOver or ConvoyRedisPhase.Holding;

    /// <summary>Processes an observation and returns the decisions, in order.</summary>
    public IReadOnlyList<MasterDecision> Observe(FailoverObservation observation)
    {
        switch (observation)
        {
            case SentinelAnswered answer:
                OnAnswer(answer);
                break;
            case SentinelLost lost:
                OnLost(lost.Sentinel);
                break;
            case SentinelEvent published:
                OnEvent(published);
                break;
            case CandidateProbed probed:
                OnProbed(probed);
                break;
            case ReplicasLagged lagged:
                _state.NoteLag(lagged.Master);
                break;
            case MasterDemoted demoted when View.IsTentative && demoted.Node == View.Master:
                _isMasterDemoted = true;
                TakeBackIfDemoted();
                break;
        }

        TakeBackIfOrphaned();
        if (View.Phase == ConvoyRedisPhase.Holding && time.GetElapsedTime(Failover!.HeldSince) >= holdDeadline)
            _state.Release();

        // A tentative move does not time out: the promoted node is a master unless the sentinels say otherwise.
        if (Failover is { } failover && !View.IsTentative && time.GetElapsedTime(failover.Since) > FailoverPatience)
            EndFailover();
        return _state.TakeDecisions();
    }

    private void OnAnswer(SentinelAnswered answer)
    {
        _votes.Note(answer);
        if (!answer.IsInTilt && answer.Master == NamedMaster)
            NoteHealth(answer);
        if (answer.IsInTilt && answer.Epoch <= View.Epoch)
            HoldIfOrphaned(answer.Sentinel);
        if (answer.Epoch > View.Epoch && _votes.IsTrusted(answer.Sentinel))
        {
            Commit(answer.Master, answer.Epoch, View.Master is null ? MasterChangeCause.Located : MasterChangeCause.Announced);
        }
        else if (View.IsTentative && answer.Epoch == View.Epoch)
        {
            TakeBackIfDemoted();
            TakeBackIfUncommitted();
        }
        else if (_votes.AgreedAgainst(View, _monitorChanged) is { } agreed)
        {
            _votes.Overrule(agreed.Master, agreed.Epoch);
            Commit(agreed.Master, agreed.Epoch, MasterChangeCause.SentinelsReset);
        }
    }

    // What a sentinel published may have been missed; its answers say the same.
    private void NoteHealth(SentinelAnswered answer)
    {
        if (answer.Health == MasterHealth.ObjectivelyDown)
            OnObjectivelyDown(answer.Sentinel);
        else
            _down.RemoveIfOld(answer.Sentinel);
    }

    // Until the promotion is announced, every sentinel truthfully names the old master at the old epoch: that alone takes nothing back. But
    // when the promoted node is a master no longer, its promotion was undone, and the majority is right.
    private void TakeBackIfDemoted()
    {
        if (_isMasterDemoted && _votes.IsMajority(View.Previous!.Value, View.Epoch))
            EndFailover();
    }

    // A promotion is announced within a second or two. If a majority still names the old master long after that, and does not consider it down, there was
    // none that counts, whatever the leader published.
    private void TakeBackIfUncommitted()
    {
        if (View.IsTentative && time.GetElapsedTime(_state.MasterSince) > FailoverPatience && _votes.IsMajority(View.Previous!.Value, View.Epoch, isUp: true))
        {
            _votes.Distrust(Failover!.Leader);
            EndFailover();
        }
    }

    private void OnLost(ConvoyRedisEndpoint sentinel)
    {
        _votes.Forget(sentinel);
        HoldIfOrphaned(sentinel);
    }

    // Only the leader ends its failover. Without it, or while it is in TILT, the others still name the old master, and make the promoted node its
    // replica again some 10 s later: what is written there until then is lost. While the old master lives, nothing is written anywhere until
    // that is settled.
    private void HoldIfOrphaned(ConvoyRedisEndpoint sentinel)
    {
        if (Failover is not { IsOldMasterAlive: true, OrphanedSince: null } failover || failover.Leader != sentinel || !View.IsTentative)
            return;
        failover.OrphanedSince = time.GetTimestamp();
        _state.Hold();
    }

    private void TakeBackIfOrphaned()
    {
        if (Failover?.OrphanedSince is { } since && !_down.IsDown && time.GetElapsedTime(since) >= OrphanPatience
            && _votes.IsMajority(View.Previous!.Value, View.Epoch))
        {
            EndFailover();
        }
    }

    private void OnEvent(SentinelEvent published)
    {
        if (!_votes.IsTrusted(published.Sentinel))
            return;
        var aboutOurs = published.Master is { } master && master == NamedMaster;
        switch (published.Kind)
        {
            case SentinelEventKind.ObjectivelyDown when aboutOurs:
                OnObjectivelyDown(published.Sentinel);
                break;
            case SentinelEventKind.ObjectivelyUp when aboutOurs:
                _down.Remove(published.Sentinel);
                break;
            case SentinelEventKind.FailoverTried when aboutOurs && !_down.IsDown:
                _state.Try(published.Sentinel);
                break;
            case SentinelEventKind.CandidateSelected when aboutOurs && published.Candidate is { } candidate && IsSuccessor(candidate):
                _state.Begin(candidate, published.Sentinel);
                break;
            case SentinelEventKind.PromotionOrdered when aboutOurs && published.Candidate is { } candidate && IsSuccessor(candidate):
                _state.Begin(candidate, published.Sentinel);
                OnOrdered();
                break;
            case SentinelEventKind.FailoverAborted when aboutOurs && _state.Leader == published.Sentinel:
                EndFailover();
                break;
            case SentinelEventKind.MasterSwitched:
                _state.Decide(new AskSentinel(published.Sentinel));
                break;
            case SentinelEventKind.MonitorChanged:
                _monitorChanged = true;
                _state.Decide(new AskSentinel(published.Sentinel));
                break;
        }
    }

    private void OnObjectivelyDown(ConvoyRedisEndpoint sentinel)
    {
        _down.Add(sentinel);
        if (View.Phase == ConvoyRedisPhase.Holding && View.IsTentative)
            _state.Release();
        else if (View.Phase == ConvoyRedisPhase.Holding)
            _state.GiveUp();
    }

    // A dead master is cut off. A planned failover has no +odown before it: its master is alive, and the streams are handed over.
    private void OnOrdered()
    {
        Failover!.IsOrdered = true;
        if (_down.IsDown && View.Phase == ConvoyRedisPhase.FailingOver)
            _state.GiveUp();
        else if (View.Phase == ConvoyRedisPhase.FailingOver)
            _state.Hold();
        MoveIfPromoted();
    }

    private bool IsSuccessor(ConvoyRedisEndpoint candidate) => !View.IsTentative && candidate != View.Master;

    private void OnProbed(CandidateProbed probed)
    {
        if (Failover is not { } failover || failover.Candidate != probed.Candidate)
            return;
        failover.IsMaster = probed.IsMaster;
        MoveIfPromoted();
    }

    private void MoveIfPromoted()
    {
        // ROLE alone proves nothing: a former master says "master" too. It counts once the promotion of this node has been ordered.
        if (mode == FailoverMode.Eager && !View.IsTentative && Failover is { IsOrdered: true, IsMaster: true })
            _state.MoveToCandidate(IsOldMasterAlive);
    }

    private void Commit(ConvoyRedisEndpoint master, long epoch, MasterChangeCause cause)
    {
        _state.Commit(master, epoch, cause, IsOldMasterAlive);
        Restart();
    }

    private void EndFailover()
    {
        if (_state.Abort())
            Restart();
    }

    private void Restart()
    {
        _down.Clear();
        _votes.Restart();
        _monitorChanged = false;
        _isMasterDemoted = false;
    }
}
