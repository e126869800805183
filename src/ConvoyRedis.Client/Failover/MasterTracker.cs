namespace ConvoyRedis.Client.Failover;

/// <summary>
/// Decides whom to believe, and when: combines what the sentinels and the candidate say into one view, and decides what to do. It does no I/O,
/// owns no thread and no clock, and is not thread-safe. The rules are those of docs/architecture.md, "Whom to believe".
/// </summary>
internal sealed class MasterTracker
{
    /// <summary>
    /// How long the tracker waits for a failover to end. After that, its leader died or its abort was missed. Well above what a promotion needs after its order
    /// (0.1 s), and below the 30 s that Sentinel itself allows.
    /// </summary>
    public static readonly TimeSpan FailoverPatience = TimeSpan.FromSeconds(10);

    private readonly FailoverMode _mode;
    private readonly TimeSpan _holdDeadline;
    private readonly TimeProvider _time;
    private readonly SentinelVotes _votes;
    private readonly DownReports _down;
    private readonly FailoverState _state;
    private readonly TentativeMove _tentative;
    private readonly NamedMasters _named;
    private bool _isChangeExpected;

    /// <param name="mode">When to move to a promoted replica.</param>
    /// <param name="holdDeadline">How long streams may be held.</param>
    /// <param name="time">The clock.</param>
    public MasterTracker(FailoverMode mode, TimeSpan holdDeadline, TimeProvider time)
    {
        (_mode, _holdDeadline, _time) = (mode, holdDeadline, time);
        (_votes, _down, _state) = (new(time), new(time), new(mode == FailoverMode.Eager, time));
        (_tentative, _named) = (new(_state, _votes, _down, time), new(_state, mode == FailoverMode.Eager, time));
    }

    /// <summary>What is believed now.</summary>
    public MasterView View => _state.View;

    /// <summary>What is wrong with what the sentinels name.</summary>
    public SentinelFindings Findings => new(View.Master, _votes.DissentFrom(View.Master, _state.MasterSince), _named.Refuted);

    // The master that the sentinels know: they do not know a tentative one yet.
    private ConvoyRedisEndpoint? KnownMaster => View.Previous ?? View.Master;

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
            case SentinelDisowned disowned:
                OnDisowned(disowned.Sentinel);
                break;
            case SentinelEvent published:
                OnEvent(published);
                break;
            case CandidateProbed probed:
                OnProbed(probed);
                break;
        }

        _state.Note(observation);
        _named.Note(observation);
        _tentative.Note(observation);
        if (_tentative.IsUndone)
            EndFailover();
        FollowNamed();
        if (View.Phase == ConvoyRedisPhase.Holding && _time.GetElapsedTime(Failover!.HeldSince) >= _holdDeadline)
            _state.Release();

        // A tentative move does not time out: the promoted node is a master unless the sentinels say otherwise.
        if (Failover is { } failover && !View.IsTentative && _time.GetElapsedTime(failover.Since) > FailoverPatience)
            EndFailover();
        return _state.TakeDecisions();
    }

    private void OnAnswer(SentinelAnswered answer)
    {
        _votes.Note(answer);
        if (!answer.IsInTilt && answer.Master == KnownMaster)
            NoteHealth(answer);
        if (answer.IsInTilt && answer.Epoch <= View.Epoch)
            _tentative.HoldIfOrphaned(answer.Sentinel);
        if (answer.Epoch > View.Epoch && _votes.IsTrusted(answer.Sentinel))
            Follow(new NamedMaster(answer.Master, answer.Epoch, View.Master is null ? MasterChangeCause.Located : MasterChangeCause.Announced));
        else if (!View.IsTentative || answer.Epoch != View.Epoch)
            FollowAgreed();
        else if (_tentative.IsUncommitted)
            EndFailover(_votes.Distrust);
    }

    private void FollowAgreed()
    {
        if (_votes.AgreedAgainst(View, _isChangeExpected) is not { } agreed)
            return;
        var isOpposed = _votes.IsNamed(View.Master, View.Epoch);
        Follow(new NamedMaster(agreed.Master, agreed.Epoch, MasterChangeCause.SentinelsReset));

        // The sentinels lost their memory, and name a replica: the epochs of what they decide from now on count from this one.
        if (!isOpposed && agreed.Epoch < View.Epoch)
            _state.Rebase(agreed.Epoch);
    }

    private void Follow(NamedMaster named)
    {
        if (!_named.MayFollow(named))
            return;
        if (named.Cause == MasterChangeCause.SentinelsReset)
            _votes.Overrule(named.Node, named.Epoch);
        _state.Commit(named.Node, named.Epoch, named.Cause, IsOldMasterAlive);
        Restart();
    }

    // A node that was named has answered, or the master that was kept does not work any more.
    private void FollowNamed()
    {
        _named.Keep(named => named.Cause == MasterChangeCause.NamedByFormer ? !_named.IsMasterWorking
            : named.Cause == MasterChangeCause.SentinelsReset ? _votes.IsMajority(named.Node, named.Epoch, isUp: true)
            : named.Epoch > View.Epoch && _votes.IsNamed(named.Node, named.Epoch));
        if (_named.Due is { } due)
            Follow(due);
    }

    // What a sentinel published may have been missed; its answers say the same.
    private void NoteHealth(SentinelAnswered answer)
    {
        if (answer.Health == MasterHealth.ObjectivelyDown)
            OnObjectivelyDown(answer.Sentinel);
        else
            _down.RemoveIfOld(answer.Sentinel);
    }

    private void OnLost(ConvoyRedisEndpoint sentinel)
    {
        _votes.Forget(sentinel);
        _tentative.HoldIfOrphaned(sentinel);
    }

    // If the followed state is from this sentinel, that of the others is waited for no longer.
    private void OnDisowned(ConvoyRedisEndpoint sentinel)
    {
        _isChangeExpected |= _votes.IsNamedBy(sentinel, View.Master, View.Epoch);
        OnLost(sentinel);
        if (!View.IsTentative)
            FollowAgreed();
    }

    private void OnEvent(SentinelEvent published)
    {
        if (!_votes.IsTrusted(published.Sentinel))
            return;
        var aboutOurs = published.Master is { } master && master == KnownMaster;
        var mayBeOurs = aboutOurs || _named.IsAgreed(published.Master);
        switch (published.Kind)
        {
            case SentinelEventKind.ObjectivelyDown when aboutOurs:
                OnObjectivelyDown(published.Sentinel);
                break;
            case SentinelEventKind.ObjectivelyUp when aboutOurs:
                _down.Remove(published.Sentinel);
                break;
            case SentinelEventKind.FailoverTried when mayBeOurs && !_down.IsDown:
                _state.Try(published.Sentinel);
                break;
            case SentinelEventKind.CandidateSelected when mayBeOurs && published.Candidate is { } candidate && IsSuccessor(candidate):
                _state.Begin(candidate, published.Sentinel);
                break;
            case SentinelEventKind.PromotionOrdered when mayBeOurs && published.Candidate is { } candidate && IsSuccessor(candidate):
                _state.Begin(candidate, published.Sentinel);
                OnOrdered();
                break;
            case SentinelEventKind.FailoverAborted when mayBeOurs && _state.Leader == published.Sentinel:
                EndFailover();
                break;
            case SentinelEventKind.MasterSwitched:
                _state.Decide(new AskSentinel(published.Sentinel));
                break;
            case SentinelEventKind.MonitorChanged:
                _isChangeExpected = true;
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
        if (_mode == FailoverMode.Eager && !View.IsTentative && Failover is { IsOrdered: true, IsMaster: true })
            _state.MoveToCandidate(IsOldMasterAlive);
    }

    private void EndFailover(Action<ConvoyRedisEndpoint>? blame = null)
    {
        blame?.Invoke(Failover!.Leader);
        if (_state.Abort())
            Restart();
    }

    private void Restart()
    {
        _down.Clear();
        _votes.Restart();
        _isChangeExpected = false;
        _tentative.Restart();
        _named.Keep(_ => false);
    }
}
