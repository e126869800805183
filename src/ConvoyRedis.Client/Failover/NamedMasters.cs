namespace ConvoyRedis.Client.Failover;

/// <summary>
/// The nodes that the sentinels name instead of a master that works. Such a master is left only for a node that says itself that it is a master: until then
/// the named node is asked. A master that does not work is left at once, and whoever connects to the named node waits for it there. A node that only the
/// former master names is asked in any case.
/// </summary>
/// <param name="state">What is followed.</param>
/// <param name="isFormerBelieved">Whether a former master may name its successor, or only the sentinels.</param>
/// <param name="time">The clock.</param>
internal sealed class NamedMasters(FailoverState state, bool isFormerBelieved, TimeProvider time)
{
    private readonly List<NamedMaster> _asked = [];
    private (ConvoyRedisEndpoint Node, long At)? _working;
    private MasterAnswered? _lists;

    /// <summary>The nodes that the sentinels name, and that answered that they are replicas.</summary>
    public IReadOnlyList<NamedMaster> Refuted => [.. _asked.Where(named => named.IsMaster == false && named.Cause != MasterChangeCause.NamedByFormer)];

    /// <summary>
    /// Whether the master has said lately that it is one. It is asked each second. One that did not answer for a while may only be slow, and nothing is gained
    /// at a node that is no master.
    /// </summary>
    public bool IsMasterWorking => state.View.Phase is not (ConvoyRedisPhase.Locating or ConvoyRedisPhase.WaitingForMaster)
        && _working is { } working && working.Node == state.View.Master && time.GetElapsedTime(working.At) <= MasterTracker.FailoverPatience;

    /// <summary>Whether most sentinels name this node instead of the master.</summary>
    public bool IsAgreed(ConvoyRedisEndpoint? node) => _asked.Exists(named => named.Node == node && named.Cause == MasterChangeCause.SentinelsReset);

    /// <summary>Notes what a node said of itself.</summary>
    public void Note(FailoverObservation observation)
    {
        switch (observation)
        {
            case MasterAnswered answered:
                (_working, _lists) = ((answered.Node, time.GetTimestamp()), answered);
                break;
            case MasterDemoted demoted:
                if (_working?.Node == demoted.Node)
                    _working = null;
                AskSuccessor(demoted);
                break;
            case NamedAnswered answered when _asked.FindIndex(named => named.Node == answered.Node) is >= 0 and var index:
                _asked[index] = _asked[index] with { IsMaster = answered.IsMaster };
                if (answered.IsMaster && _asked[index].Cause == MasterChangeCause.NamedByFormer)
                    _working = (answered.Node, time.GetTimestamp());
                break;
        }
    }

    /// <summary>Whether the named node may be followed now; otherwise it is asked for its role.</summary>
    public bool MayFollow(NamedMaster named)
    {
        // What it said before the sentinels named it may be out of date.
        var index = _asked.FindIndex(other => other.Node == named.Node);
        var known = index < 0 || _asked[index].Cause == MasterChangeCause.NamedByFormer ? named : _asked[index];
        if (named.Node == state.View.Master || MayBeFollowed(known))
            return true;
        if (index < 0)
        {
            _asked.Add(named);
            state.Decide(new AskNamed(named.Node));
        }
        else
        {
            _asked[index] = named with { IsMaster = known.IsMaster };
        }

        return false;
    }

    /// <summary>A named node that may be followed now, although it could not when it was named; null if there is none.</summary>
    public NamedMaster? Due => _asked.Where(MayBeFollowed).OrderByDescending(named => named.IsMaster == true).ThenByDescending(named => named.Epoch).FirstOrDefault();

    /// <summary>Asks only those that meet a condition from now on.</summary>
    public void Keep(Func<NamedMaster, bool> isNamed)
    {
        foreach (var named in _asked.Where(named => !isNamed(named)).ToList())
        {
            _asked.Remove(named);
            state.Decide(new StopAsking(named.Node));
        }
    }

    // FAILOVER or REPLICAOF on the master itself: Sentinel takes its down-after and 20 s more to notice that. The node of another deployment, which could be
    // named by mistake, was no replica of it.
    private void AskSuccessor(MasterDemoted demoted)
    {
        if (isFormerBelieved && demoted.Node == state.View.Master && state is { View.IsTentative: false, Failover: null }
            && demoted.Successor is { } successor && _lists?.Node == demoted.Node && _lists.Replicas.Contains(successor))
        {
            MayFollow(new NamedMaster(successor, state.View.Epoch, MasterChangeCause.NamedByFormer));
        }
    }

    private bool MayBeFollowed(NamedMaster named) => named.IsMaster ?? (!IsMasterWorking && named.Cause != MasterChangeCause.NamedByFormer);
}
