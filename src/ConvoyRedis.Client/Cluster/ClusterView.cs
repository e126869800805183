namespace ConvoyRedis.Client.Cluster;

/// <summary>
/// What is known of a cluster: its layout, the masters that do not answer, and those that were replaced while they were down. Safe for concurrent use.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ClusterView(TimeProvider time)
{
    /// <summary>How long a layout outdoes one with a lower epoch, which comes from a node that lacks news; after that, the cluster was made anew.</summary>
    public static readonly TimeSpan Authority = TimeSpan.FromSeconds(10);

    /// <summary>How long the layout counts as fresh after a refusal to show it.</summary>
    private static readonly TimeSpan RefusalPause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly NodeNews _news = new(time);
    private readonly Dictionary<string, long> _silent = [];
    private readonly Dictionary<string, (ClusterMember Former, ClusterMember Successor)> _replaced = [];
    private ClusterLayout? _layout;
    private long _readAt;
    private long? _refusedAt;

    /// <summary>The layout; null until a node has shown it.</summary>
    public ClusterLayout? Layout
    {
        get
        {
            lock (_gate)
                return _layout;
        }
    }

    /// <summary>The shards; none until a node has shown the layout.</summary>
    public IReadOnlyList<Shard> Shards
    {
        get
        {
            lock (_gate)
            {
                return [.. (_layout?.Masters ?? []).Select(master => new Shard(
                    master,
                    [.. _layout!.ReplicasOf(master)],
                    _silent.TryGetValue(master.Id, out var since) ? time.GetElapsedTime(since) : null))];
            }
        }
    }

    /// <summary>The masters that were replaced while they were down, and have not come back; each with its successor.</summary>
    public IReadOnlyList<(ClusterMember Former, ClusterMember Successor)> Replaced
    {
        get
        {
            lock (_gate)
                return [.. _replaced.Values];
        }
    }

    /// <summary>Whether the layout should be read again.</summary>
    public bool IsOlderThan(TimeSpan age)
    {
        lock (_gate)
        {
            return (_refusedAt is not { } refused || time.GetElapsedTime(refused) > RefusalPause)
                && (_layout is null || time.GetElapsedTime(_readAt) >= age);
        }
    }

    /// <summary>Whether this node is a master at this address, as far as is known.</summary>
    public bool IsMaster(ClusterMember node)
    {
        lock (_gate)
            return _layout!.Masters.Any(master => master.Id == node.Id && master.Endpoint == node.Endpoint);
    }

    /// <summary>Whether this master is a master at another address by now.</summary>
    public bool IsMasterElsewhere(ClusterMember master)
    {
        lock (_gate)
            return _layout!.Masters.Any(node => node.Id == master.Id && node.Endpoint != master.Endpoint);
    }

    /// <summary>The nodes that may have taken over from a master: its replicas, and masters that have its slots.</summary>
    public IReadOnlyList<ClusterMember> CandidatesFor(ClusterMember master)
    {
        lock (_gate)
            return [.. _layout!.Nodes.Where(node => node.MasterId == master.Id || node.Succeeds(master))];
    }

    /// <summary>A node showed the layout.</summary>
    /// <returns>What is new in it.</returns>
    public LayoutChange Adopt(ClusterLayout layout)
    {
        lock (_gate)
        {
            _refusedAt = null;
            var before = _layout;
            if (before is not null && layout.HighestEpoch < before.HighestEpoch && time.GetElapsedTime(_readAt) < Authority)
                return LayoutChange.None;
            (_layout, _readAt) = (layout, time.GetTimestamp());
            foreach (var gone in _silent.Keys.Except(layout.Masters.Select(master => master.Id)).ToList())
                _silent.Remove(gone);
            return new LayoutChange(before is null ? [] : [.. layout.SuccessionsSince(before)], _news.IsTold(layout, before));
        }
    }

    /// <summary>A node refused to show the layout, for good as it seems.</summary>
    public void NoteRefusal()
    {
        lock (_gate)
            _refusedAt = time.GetTimestamp();
    }

    /// <summary>The node at an address does not answer.</summary>
    /// <returns>Its shard; null if it is no master.</returns>
    public Shard? NoteSilence(ConvoyRedisEndpoint address)
    {
        lock (_gate)
        {
            if (_layout?.Find(address) is not { IsReplica: false, Slots.Count: > 0 } master)
                return null;
            _silent.TryAdd(master.Id, time.GetTimestamp());
            return new Shard(master, [.. _layout.ReplicasOf(master)], time.GetElapsedTime(_silent[master.Id]));
        }
    }

    /// <summary>A master answers.</summary>
    public void NoteAnswer(ClusterMember master)
    {
        lock (_gate)
            _silent.Remove(master.Id);
    }

    /// <summary>A master that is down was replaced.</summary>
    public void NoteReplaced(ClusterMember former, ClusterMember successor)
    {
        lock (_gate)
        {
            _replaced[former.Id] = (former, successor);
            _replaced.Remove(successor.Id);
        }
    }

    /// <summary>A replaced master is back, or will not come back.</summary>
    public void NoteReturned(ClusterMember former)
    {
        lock (_gate)
            _replaced.Remove(former.Id);
    }

    /// <summary>Whether a replaced master has left its address for good: the cluster does not list it there any more.</summary>
    public bool HasLeft(ClusterMember former)
    {
        lock (_gate)
            return _layout!.Nodes.All(node => node.Id != former.Id || node.Endpoint != former.Endpoint);
    }
}
