namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// Whom to believe, and when: folds what sentinels and the candidate say into one view, and decides what is to be done. It does no I/O,
/// owns no thread and no clock, and is not thread-safe. The rules are those of docs/architecture.md, "Whom to believe".
/// </summary>
/// <param name="mode">When to move to a promoted replica.</param>
/// <param name="holdDeadline">How long streams may be held.</param>
/// <param name="time">The clock.</param>
internal sealed class MasterTracker(FailoverMode mode, TimeSpan holdDeadline, TimeProvider time)
{
    /// <summary>
    /// How long a failover may take before its end is no longer waited for: its leader died, or its abort was missed.
    /// Well above what a promotion needs after its order (0.1 s), and below the 30 s that Sentinel itself allows.
    /// </summary>
    public static readonly TimeSpan FailoverPatience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long after the loss of a failover's leader the others may still learn of the promotion: the leader finds it out within a second and tells
    /// them at once. Below the default hold deadline, so that there is time left to go back.
    /// </summary>
    public static readonly TimeSpan OrphanPatience = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// How old a sentinel's +odown must be before an answer without it takes it back (its -odown was missed): a younger one may be newer than the answer.
    /// </summary>
    public static readonly TimeSpan DownConfirmation = TimeSpan.FromSeconds(2);

    private readonly SentinelVotes _votes = new(time);
    private readonly Dictionary<ConvoyRedisEndpoint, long> _downSince = [];
    private readonly List<MasterDecision> _decisions = [];
    private FailoverUnderWay? _failover;
    private bool _monitorChanged;
    private bool _isMasterDemoted;
    private long _masterSince;

    /// <summary>What is believed now.</summary>
    public MasterView View { get; private set; } = MasterView.Initial;

    /// <summary>The sentinels that have named another master for longer than a failover explains.</summary>
    public IReadOnlyList<SentinelDissent> Dissent => _votes.DissentFrom(View.Master, _masterSince);

    // The master that the sentinels speak of: of a tentative one they do not know yet.
    private ConvoyRedisEndpoint? NamedMaster => View.Previous ?? View.Master;

    // Sentinels that say so repeat it in each answer, once a second: what is older was taken back unheard.
    private bool IsObjectivelyDown => _downSince.Values.Any(since => time.GetElapsedTime(since) <= FailoverPatience);

    /// <summary>Folds in an observation and returns what is to be done, in order.</summary>
    public IReadOnlyList<MasterDecision> Observe(SentinelObservation observation)
    {
        _decisions.Clear();
        var master = View.Master;
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
            case MasterDemoted demoted when View.IsTentative && demoted.Node == View.Master:
                _isMasterDemoted = true;
                TakeBackIfDemoted();
                break;
        }

        TakeBackIfOrphaned();
        if (View.Phase == ConvoyRedisPhase.Holding && time.GetElapsedTime(_failover!.HeldSince) >= holdDeadline)
            Release();

        // A tentative move is not ended by time: the promoted node is a master, and only word from the sentinels says otherwise.
        if (_failover is { } failover && !View.IsTentative && time.GetElapsedTime(failover.Since) > FailoverPatience)
            EndFailover();
        if (View.Master != master)
            _masterSince = time.GetTimestamp();
        return [.. _decisions];
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
        else if (_downSince.TryGetValue(answer.Sentinel, out var since) && time.GetElapsedTime(since) >= DownConfirmation)
            _downSince.Remove(answer.Sentinel);
    }

    // Until the promotion is announced, every sentinel truthfully names the old master at the old epoch: that alone takes nothing back. But
    // when the promoted node is a master no longer, its promotion was undone, and the majority is right.
    private void TakeBackIfDemoted()
    {
        if (_isMasterDemoted && _votes.IsMajority(View.Previous!.Value, View.Epoch))
            EndFailover();
    }

    // A promotion is announced within a second or two. When a majority still names the old master long after, and does not consider it down, there was
    // none that counts, whatever the leader published.
    private void TakeBackIfUncommitted()
    {
        if (View.IsTentative && time.GetElapsedTime(_masterSince) > FailoverPatience && _votes.IsMajority(View.Previous!.Value, View.Epoch, isUp: true))
        {
            _votes.Distrust(_failover!.Leader);
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
        if (_failover is not { IsOldMasterAlive: true, OrphanedSince: null } failover || failover.Leader != sentinel || !View.IsTentative)
            return;
        failover.OrphanedSince = time.GetTimestamp();
        Hold();
    }

    private void TakeBackIfOrphaned()
    {
        if (_failover?.OrphanedSince is { } since && !IsObjectivelyDown && time.GetElapsedTime(since) >= OrphanPatience
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
                _downSince.Remove(published.Sentinel);
                break;
            case SentinelEventKind.CandidateSelected when aboutOurs && published.Candidate is { } candidate && IsSuccessor(candidate):
                Begin(candidate, published.Sentinel);
                break;
            case SentinelEventKind.PromotionOrdered when aboutOurs && published.Candidate is { } candidate && IsSuccessor(candidate):
                Begin(candidate, published.Sentinel);
                OnOrdered();
                break;
            case SentinelEventKind.FailoverAborted when aboutOurs && _failover?.Leader == published.Sentinel:
                EndFailover();
                break;
            case SentinelEventKind.MasterSwitched:
                _decisions.Add(new AskSentinel(published.Sentinel));
                break;
            case SentinelEventKind.MonitorChanged:
                _monitorChanged = true;
                _decisions.Add(new AskSentinel(published.Sentinel));
                break;
        }
    }

    private void OnObjectivelyDown(ConvoyRedisEndpoint sentinel)
    {
        _downSince[sentinel] = time.GetTimestamp();
        if (View.Phase == ConvoyRedisPhase.Holding && View.IsTentative)
            Release();
        else if (View.Phase == ConvoyRedisPhase.Holding)
            GiveUp();
    }

    // A dead master is given up. A planned failover has no +odown before it: its master lives, and is left without a break.
    private void OnOrdered()
    {
        _failover!.IsOrdered = true;
        if (IsObjectivelyDown && View.Phase == ConvoyRedisPhase.FailingOver)
            GiveUp();
        else if (View.Phase == ConvoyRedisPhase.FailingOver)
            Hold();
        MoveIfPromoted();
    }

    private bool IsSuccessor(ConvoyRedisEndpoint candidate) => !View.IsTentative && candidate != View.Master;

    private void OnProbed(CandidateProbed probed)
    {
        if (_failover is not { } failover || failover.Candidate != probed.Candidate)
            return;
        failover.IsMaster = probed.IsMaster;
        MoveIfPromoted();
    }

    private void Begin(ConvoyRedisEndpoint candidate, ConvoyRedisEndpoint leader)
    {
        if (_failover?.Candidate == candidate)
        {
            _failover.Leader = leader;
            return;
        }

        _failover = new FailoverUnderWay(candidate, leader, time.GetTimestamp());
        if (View.Phase == ConvoyRedisPhase.Following)
            View = View with { Phase = ConvoyRedisPhase.FailingOver };
        _decisions.Add(new ProbeCandidate(candidate));
    }

    private void MoveIfPromoted()
    {
        // ROLE alone proves nothing: a former master says "master" too. It counts once the promotion of this node has been ordered.
        if (mode != FailoverMode.Eager || View.IsTentative || _failover is not { IsOrdered: true, IsMaster: true } failover)
            return;
        failover.IsOldMasterAlive = IsOldMasterAlive;
        View = View with { Phase = ConvoyRedisPhase.Following, Master = failover.Candidate, Previous = View.Master };
        _decisions.Add(new StopProbing());
        Move(failover.IsOldMasterAlive, failover.Candidate, MasterChangeCause.Promoted);
    }

    // In a failover that nobody called a death, the old master still answers, and can be left without a break.
    private bool IsOldMasterAlive => !IsObjectivelyDown && View.Phase is ConvoyRedisPhase.FailingOver or ConvoyRedisPhase.Holding;

    private void Move(bool isOldMasterAlive, ConvoyRedisEndpoint master, MasterChangeCause cause) =>
        _decisions.Add(isOldMasterAlive ? new HandOver(master, cause) : new Follow(master, cause));

    private void Hold()
    {
        View = View with { Phase = ConvoyRedisPhase.Holding };
        _failover!.HeldSince = time.GetTimestamp();
        _decisions.Add(new HoldMaster());
    }

    // The next order holds again.
    private void Release()
    {
        View = View with { Phase = View.IsTentative ? ConvoyRedisPhase.Following : ConvoyRedisPhase.FailingOver };
        _decisions.Add(new ReleaseMaster(View.Master!.Value));
    }

    private void GiveUp()
    {
        View = View with { Phase = ConvoyRedisPhase.WaitingForMaster };
        _decisions.Add(new GiveUpMaster());
    }

    private void Commit(ConvoyRedisEndpoint master, long epoch, MasterChangeCause cause)
    {
        var isStay = View.Master == master && View.Phase is not ConvoyRedisPhase.Locating and not ConvoyRedisPhase.WaitingForMaster;
        if (_failover is not null && !View.IsTentative)
            _decisions.Add(new StopProbing());
        if (!isStay)
            Move(IsOldMasterAlive, master, cause);
        else if (View.Phase == ConvoyRedisPhase.Holding)
            Release();
        Settle(new MasterView(ConvoyRedisPhase.Following, master, epoch, null));
    }

    private void EndFailover()
    {
        if (_failover is not { } failover)
            return;
        var (phase, isTentative) = (View.Phase, View.IsTentative);
        var master = View.Previous ?? View.Master!.Value;
        if (!isTentative)
        {
            _decisions.Add(new StopProbing());
            if (phase == ConvoyRedisPhase.Holding)
                Release();
        }

        Settle(new MasterView(ConvoyRedisPhase.Following, master, View.Epoch, null));
        if (isTentative)
            Move(failover.IsOldMasterAlive, master, MasterChangeCause.FailoverAborted);
        else if (phase == ConvoyRedisPhase.WaitingForMaster)
            Move(isOldMasterAlive: false, master, MasterChangeCause.FailoverAborted);
    }

    private void Settle(MasterView view)
    {
        View = view;
        _failover = null;
        _downSince.Clear();
        _votes.Restart();
        _monitorChanged = false;
        _isMasterDemoted = false;
    }
}
