namespace ConvoyRedis.Client.Failover;

/// <summary>
/// The believed state of the master and of a failover in progress, and the steps from one state to the next, each with its decision.
/// <see cref="MasterTracker"/> decides when a step is due.
/// </summary>
/// <param name="isProbing">Whether the candidate of a failover is asked for its role.</param>
/// <param name="time">The clock.</param>
internal sealed class FailoverState(bool isProbing, TimeProvider time)
{
    /// <summary>
    /// How long after a failover has begun, and before, it counts that replicas lag. They are looked at each second; the order comes 0.2 s after the beginning.
    /// </summary>
    public static readonly TimeSpan LagLasts = TimeSpan.FromSeconds(2);

    private readonly List<MasterDecision> _decisions = [];
    private (ConvoyRedisEndpoint Leader, long At)? _tried;
    private (ConvoyRedisEndpoint Master, long At)? _lagged;

    /// <summary>What is believed now.</summary>
    public MasterView View { get; private set; } = MasterView.Initial;

    /// <summary>The failover in progress; null if there is none.</summary>
    public FailoverUnderWay? Failover { get; private set; }

    /// <summary>The sentinel that leads the failover, or wants to lead one; null if there is none.</summary>
    public ConvoyRedisEndpoint? Leader => Failover?.Leader ?? _tried?.Leader;

    /// <summary>Since when the present master has been followed.</summary>
    public long MasterSince { get; private set; }

    /// <summary>The decisions since the last call, in order.</summary>
    public IReadOnlyList<MasterDecision> TakeDecisions()
    {
        MasterDecision[] decisions = [.. _decisions];
        _decisions.Clear();
        return decisions;
    }

    /// <summary>Decides something that changes no state.</summary>
    public void Decide(MasterDecision decision) => _decisions.Add(decision);

    /// <summary>A sentinel wants to lead a failover of a master that is alive.</summary>
    public void Try(ConvoyRedisEndpoint leader)
    {
        if (Failover is not null || View.Phase != ConvoyRedisPhase.Following)
            return;
        _tried = (leader, time.GetTimestamp());

        // A master that its replicas cannot keep up with may answer too late.
        if (_lagged is { } lagged && time.GetElapsedTime(lagged.At) <= LagLasts)
            HoldEarly(lagged.Master);
        Decide(new MeasureLag(View.Master!.Value));
    }

    /// <summary>
    /// Notes that replicas are behind their master: if a failover of it begins, nothing more may reach it until they have copied what it has. The master's last answer
    /// counts.
    /// </summary>
    public void Note(FailoverObservation observation)
    {
        if (observation is MasterAnswered answered && _lagged?.Master == answered.Node)
            _lagged = null;
        if (observation is not ReplicasLagged { Master: var master })
            return;
        _lagged = (master, time.GetTimestamp());
        HoldEarly(master);
    }

    private void HoldEarly(ConvoyRedisEndpoint master)
    {
        if (Failover is not null || View.Master != master || _tried is not { } tried || time.GetElapsedTime(tried.At) > LagLasts)
            return;
        Failover = new FailoverUnderWay(null, tried.Leader, time.GetTimestamp());
        Hold();
    }

    /// <summary>A sentinel selected the candidate of a failover, or continued the failover to this candidate.</summary>
    public void Begin(ConvoyRedisEndpoint candidate, ConvoyRedisEndpoint leader)
    {
        if (Failover?.Candidate == candidate)
        {
            Failover.Leader = leader;
            return;
        }

        // Streams may be held for it already.
        var heldSince = Failover?.HeldSince ?? 0;
        Failover = new FailoverUnderWay(candidate, leader, time.GetTimestamp()) { HeldSince = heldSince };
        if (View.Phase == ConvoyRedisPhase.Following)
            View = View with { Phase = ConvoyRedisPhase.FailingOver };
        if (isProbing)
            Decide(new ProbeCandidate(candidate));
    }

    /// <summary>The candidate is a master: move to it before the sentinels announce it.</summary>
    /// <param name="isOldMasterAlive">Whether the old master still answers, so that a handover is possible.</param>
    public void MoveToCandidate(bool isOldMasterAlive)
    {
        var candidate = Failover!.Candidate!.Value;
        Failover.IsOldMasterAlive = isOldMasterAlive;
        SetView(View with { Phase = ConvoyRedisPhase.Following, Master = candidate, Previous = View.Master });
        Decide(new StopProbing());
        Move(isOldMasterAlive, candidate, MasterChangeCause.Promoted);
    }

    /// <summary>Nothing more may reach the old master.</summary>
    public void Hold()
    {
        View = View with { Phase = ConvoyRedisPhase.Holding };
        Failover!.HeldSince = time.GetTimestamp();
        Decide(new HoldMaster());
    }

    /// <summary>Commands go to the master again; the next order starts a new hold.</summary>
    public void Release()
    {
        View = View with { Phase = View.IsTentative ? ConvoyRedisPhase.Following : ConvoyRedisPhase.FailingOver };
        Decide(new ReleaseMaster(View.Master!.Value));
    }

    /// <summary>The old master is dead.</summary>
    public void GiveUp()
    {
        View = View with { Phase = ConvoyRedisPhase.WaitingForMaster };
        Decide(new GiveUpMaster());
    }

    /// <summary>The sentinels announced a master, or agree on one.</summary>
    /// <param name="master">The master.</param>
    /// <param name="epoch">Its configuration epoch.</param>
    /// <param name="cause">Why it is followed.</param>
    /// <param name="isOldMasterAlive">Whether the old master still answers, so that a handover is possible.</param>
    public void Commit(ConvoyRedisEndpoint master, long epoch, MasterChangeCause cause, bool isOldMasterAlive)
    {
        var isStay = View.Master == master && View.Phase is not ConvoyRedisPhase.Locating and not ConvoyRedisPhase.WaitingForMaster;
        StopProbing();
        if (!isStay)
            Move(isOldMasterAlive, master, cause);
        else if (View.Phase == ConvoyRedisPhase.Holding)
            Release();
        Settle(master, epoch);
    }

    /// <summary>The sentinels were set up again: their epochs count from this one. The master is kept.</summary>
    public void Rebase(long epoch) => View = View with { Epoch = epoch };

    /// <summary>The failover failed: go back to the previous master.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Abort()
    {
        _tried = null;
        if (Failover is null)
            return false;
        var (phase, isTentative, isOldMasterAlive) = (View.Phase, View.IsTentative, Failover!.IsOldMasterAlive);
        var master = View.Previous ?? View.Master!.Value;
        StopProbing();
        if (!isTentative && phase == ConvoyRedisPhase.Holding)
            Release();

        Settle(master, View.Epoch);
        if (isTentative)
            Move(isOldMasterAlive, master, MasterChangeCause.FailoverAborted);
        else if (phase == ConvoyRedisPhase.WaitingForMaster)
            Move(isOldMasterAlive: false, master, MasterChangeCause.FailoverAborted);
        return true;
    }

    private void StopProbing()
    {
        if (isProbing && Failover?.Candidate is not null && !View.IsTentative)
            Decide(new StopProbing());
    }

    private void Move(bool isOldMasterAlive, ConvoyRedisEndpoint master, MasterChangeCause cause) =>
        Decide(isOldMasterAlive ? new HandOver(master, cause) : new Follow(master, cause));

    private void Settle(ConvoyRedisEndpoint master, long epoch)
    {
        SetView(new MasterView(ConvoyRedisPhase.Following, master, epoch, null));
        (Failover, _tried) = (null, null);
    }

    private void SetView(MasterView view)
    {
        if (view.Master != View.Master)
            MasterSince = time.GetTimestamp();
        View = view;
    }
}
