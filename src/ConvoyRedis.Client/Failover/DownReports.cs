namespace ConvoyRedis.Client.Failover;

/// <summary>Which sentinels say that the master is down by agreement of a quorum (<c>+odown</c>).</summary>
/// <param name="time">The clock.</param>
internal sealed class DownReports(TimeProvider time)
{
    /// <summary>
    /// How old a sentinel's +odown must be before an answer without it takes it back (its -odown was missed): a younger one may be newer than the answer.
    /// </summary>
    public static readonly TimeSpan Confirmation = TimeSpan.FromSeconds(2);

    private readonly Dictionary<ConvoyRedisEndpoint, long> _since = [];

    /// <summary>Whether one of them says so. They repeat it in each answer, once a second; for an older report, the -odown was missed.</summary>
    public bool IsDown => _since.Values.Any(since => time.GetElapsedTime(since) <= MasterTracker.FailoverPatience);

    /// <summary>A sentinel says so.</summary>
    public void Add(ConvoyRedisEndpoint sentinel) => _since[sentinel] = time.GetTimestamp();

    /// <summary>A sentinel took it back (<c>-odown</c>).</summary>
    public void Remove(ConvoyRedisEndpoint sentinel) => _since.Remove(sentinel);

    /// <summary>A sentinel answered that the master is up; it also does so if its -odown was missed.</summary>
    public void RemoveIfOld(ConvoyRedisEndpoint sentinel)
    {
        if (_since.TryGetValue(sentinel, out var since) && time.GetElapsedTime(since) >= Confirmation)
            _since.Remove(sentinel);
    }

    /// <summary>Another state is followed: the reports were about the previous one.</summary>
    public void Clear() => _since.Clear();
}
