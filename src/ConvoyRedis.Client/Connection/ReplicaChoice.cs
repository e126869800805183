using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Connection;

/// <summary>Which replicas may be read from. Safe for concurrent use.</summary>
/// <param name="named">The replicas, where settings name them; null where their master does.</param>
/// <param name="longestLag">How far a replica may be behind.</param>
/// <param name="time">The clock.</param>
internal sealed class ReplicaChoice(IReadOnlyList<ConvoyRedisEndpoint>? named, TimeSpan longestLag, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ConvoyRedisEndpoint, (long Since, bool Answers)> _unfit = [];
    private IReadOnlyList<ConvoyRedisEndpoint> _listed = [];
    private (ConvoyRedisEndpoint Master, ReplicaLag Lag)? _source;
    private ConvoyRedisEndpoint? _candidate;
    private long? _suspendedAt;

    private bool IsSuspended => _suspendedAt is { } at && time.GetElapsedTime(at) < ReplicaMonitor.Rest;

    /// <summary>The replica that may be promoted soon; null if there is none.</summary>
    public ConvoyRedisEndpoint? Candidate
    {
        set
        {
            lock (_gate)
                _candidate = value;
        }
    }

    /// <summary>Whether there is nothing to learn from the master: it has answered, or the settings say that there are no replicas.</summary>
    public bool IsKnown
    {
        get
        {
            lock (_gate)
                return _source is not null || named is { Count: 0 };
        }
    }

    /// <summary>The replicas, in step or not, once the master has answered.</summary>
    public IReadOnlyList<ConvoyRedisEndpoint> Listed
    {
        get
        {
            lock (_gate)
                return _listed;
        }
    }

    /// <summary>A master answered to ROLE: the replicas that it lists are connected to it.</summary>
    /// <returns>Whether the replicas in step are others than before.</returns>
    public bool NoteReplicas(ConvoyRedisEndpoint master, RespReply role)
    {
        lock (_gate)
        {
            if (_source?.Master != master)
                _source = (master, new ReplicaLag(time, longestLag));
            var before = _listed;
            if (named is not null)
                _listed = named;
            else if (role.Items.Count >= 3)
                _listed = Read(role, _source.Value.Lag);
            return !_listed.ToHashSet().SetEquals(before);
        }
    }

    /// <summary>A failover begins while the master is alive: for <see cref="ReplicaMonitor.Rest"/>, or until it is over, nothing is read from replicas.</summary>
    public void Suspend()
    {
        lock (_gate)
            _suspendedAt = time.GetTimestamp();
    }

    /// <summary>The replicas are not known until their new master has listed them.</summary>
    public void ForgetReplicas()
    {
        lock (_gate)
            (_listed, _source, _suspendedAt) = ([], null, null);
    }

    /// <summary>This replica is not to be read from for <see cref="ReplicaMonitor.Rest"/>.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="answers">Whether it answers.</param>
    /// <returns>Whether that is news: it was not so a moment ago.</returns>
    public bool NoteUnfit(ConvoyRedisEndpoint replica, bool answers)
    {
        lock (_gate)
        {
            var isNew = !_unfit.TryGetValue(replica, out var before) || time.GetElapsedTime(before.Since) > 2 * ReplicaMonitor.Rest;
            _unfit[replica] = (time.GetTimestamp(), answers);
            return isNew;
        }
    }

    /// <summary>Whether this replica did not answer a moment ago.</summary>
    public bool IsSilent(ConvoyRedisEndpoint replica)
    {
        lock (_gate)
            return IsResting(replica) && !_unfit[replica].Answers;
    }

    /// <summary>Whether this replica was unfit a moment ago.</summary>
    public bool IsResting(ConvoyRedisEndpoint replica)
    {
        lock (_gate)
            return _unfit.TryGetValue(replica, out var unfit) && time.GetElapsedTime(unfit.Since) < ReplicaMonitor.Rest;
    }

    /// <summary>Whether this node is a replica that may be read from.</summary>
    public bool IsInStep(ConvoyRedisEndpoint replica)
    {
        lock (_gate)
            return replica != _candidate && _listed.Contains(replica) && !IsResting(replica) && !IsSuspended;
    }

    /// <summary>The replica that may be promoted soon is listed under another name.</summary>
    /// <param name="candidate">The name by which it is known as the candidate.</param>
    /// <param name="listed">The name by which it is listed.</param>
    public void Rename(ConvoyRedisEndpoint candidate, ConvoyRedisEndpoint listed)
    {
        lock (_gate)
        {
            if (_candidate == candidate)
                _candidate = listed;
        }
    }

    /// <summary>Whether this node is known as a replica, in step or not.</summary>
    public bool IsListed(ConvoyRedisEndpoint node)
    {
        lock (_gate)
            return _listed.Contains(node);
    }

    /// <summary>One of the replicas that may be read from, at random; null if there is none.</summary>
    /// <param name="master">The master at present.</param>
    public ConvoyRedisEndpoint? Choose(ConvoyRedisEndpoint? master)
    {
        lock (_gate)
        {
            var fit = _listed.Where(replica => replica != master && IsInStep(replica)).ToArray();
            return fit.Length == 0 ? null : fit[Random.Shared.Next(fit.Length)];
        }
    }

    private static IReadOnlyList<ConvoyRedisEndpoint> Read(RespReply role, ReplicaLag lag)
    {
        lag.Observe(role);
        return
        [
            .. RoleReply.ReplicasIn(role).Take(ReplicaLag.MostReplicas).Where(replica => !lag.IsBehind(replica)),
        ];
    }
}
