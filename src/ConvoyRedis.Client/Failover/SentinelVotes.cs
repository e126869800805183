namespace ConvoyRedis.Client.Failover;

/// <summary>
/// What each sentinel names as the master, what most of them agree on, and which of them are not believed alone. The rules are those of
/// docs/architecture.md, "Whom to believe".
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class SentinelVotes(TimeProvider time)
{
    /// <summary>How long a majority must agree on another state than the one that is followed, when no sentinel supports that one.</summary>
    public static readonly TimeSpan ResetConfirmation = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a majority must agree against a sentinel that supports what is followed: sentinels tell each other of a failover within a second or two
    /// (they publish every 2 s; <c>sentinel.c</c>, <c>SENTINEL_PUBLISH_PERIOD</c>), so after this time the cause of the difference is not a failover.
    /// </summary>
    public static readonly TimeSpan DissentPatience = TimeSpan.FromSeconds(5);

    /// <summary>How long an overruled sentinel is not believed alone, unless it agrees with the majority earlier.</summary>
    public static readonly TimeSpan DistrustPeriod = TimeSpan.FromMinutes(1);

    private readonly Dictionary<ConvoyRedisEndpoint, Opinion> _opinions = [];
    private readonly Dictionary<ConvoyRedisEndpoint, long> _distrustedSince = [];
    private (ConvoyRedisEndpoint Master, long Epoch, long Since)? _agreed;

    /// <summary>Notes an answer. In TILT, a sentinel answers with its last known state: that may be new to us, but does not count as a vote.</summary>
    public void Note(SentinelAnswered answer)
    {
        var last = _opinions.GetValueOrDefault(answer.Sentinel);
        var isSame = last is not null && (last.Master, last.Epoch) == (answer.Master, answer.Epoch);
        _opinions[answer.Sentinel] = new Opinion(
            answer.Master, answer.Epoch, answer.HasVote && !answer.IsInTilt, answer.Health != MasterHealth.Up,
            isSame ? last!.HasGoneBack : last?.Epoch > answer.Epoch, last?.Master == answer.Master ? last.Since : time.GetTimestamp());
        if (!IsTrusted(answer.Sentinel))
            Reconsider(answer, isSame);
    }

    // The sentinel is believed again when it names the same master as another one, and not while it is the only one.
    private void Reconsider(SentinelAnswered answer, bool isSame)
    {
        var isSupported = _opinions.Any(other => other.Key != answer.Sentinel && (other.Value.Master, other.Value.Epoch) == (answer.Master, answer.Epoch));
        if (!isSupported)
            Distrust(answer.Sentinel);
        else if (!isSame)
            _distrustedSince.Remove(answer.Sentinel);
    }

    /// <summary>A sentinel no longer answers: its vote no longer counts.</summary>
    public void Forget(ConvoyRedisEndpoint sentinel) => _opinions.Remove(sentinel);

    /// <summary>Whether a sentinel named this state last.</summary>
    public bool IsNamedBy(ConvoyRedisEndpoint sentinel, ConvoyRedisEndpoint? master, long epoch) =>
        _opinions.GetValueOrDefault(sentinel) is { } opinion && (opinion.Master, opinion.Epoch) == (master, epoch);

    /// <summary>Whether more than half of the votes are for this state.</summary>
    /// <param name="master">The master.</param>
    /// <param name="epoch">The configuration epoch.</param>
    /// <param name="isUp">Whether to count only sentinels that do not consider the master down.</param>
    public bool IsMajority(ConvoyRedisEndpoint master, long epoch, bool isUp = false)
    {
        var votes = _opinions.Values.Where(opinion => opinion.HasVote).ToList();
        return votes.Count(vote => (vote.Master, vote.Epoch) == (master, epoch) && !(isUp && vote.IsDown)) * 2 > votes.Count;
    }

    /// <summary>Whether a sentinel that is believed alone names this state.</summary>
    public bool IsNamed(ConvoyRedisEndpoint? master, long epoch) =>
        _opinions.Any(pair => (pair.Value.Master, pair.Value.Epoch) == (master, epoch) && IsTrusted(pair.Key));

    /// <summary>Whether a sentinel is believed alone.</summary>
    public bool IsTrusted(ConvoyRedisEndpoint sentinel) =>
        !_distrustedSince.TryGetValue(sentinel, out var since) || time.GetElapsedTime(since) > DistrustPeriod;

    /// <summary>From now on this sentinel is not believed alone.</summary>
    public void Distrust(ConvoyRedisEndpoint sentinel) => _distrustedSince[sentinel] = time.GetTimestamp();

    /// <summary>
    /// The state that a majority has agreed on for long enough instead of the followed one; null if there is none. A sentinel does
    /// not count while it considers its master down.
    /// </summary>
    /// <param name="view">What is followed.</param>
    /// <param name="isExpected">Whether the sentinels were configured again, so that no time needs to pass.</param>
    public (ConvoyRedisEndpoint Master, long Epoch)? AgreedAgainst(MasterView view, bool isExpected)
    {
        var agreeing = _opinions.Values.Where(opinion => opinion.HasVote && IsMajority(opinion.Master, opinion.Epoch, isUp: true)).ToList();
        var agreed = agreeing.FirstOrDefault();
        if (agreed is null || (agreed.Master, agreed.Epoch) == (view.Master, view.Epoch))
        {
            _agreed = null;
            return null;
        }

        if (_agreed is not { } before || (before.Master, before.Epoch) != (agreed.Master, agreed.Epoch))
            _agreed = (agreed.Master, agreed.Epoch, time.GetTimestamp());

        // Sentinels that went back to a lower epoch were set up again, even if another sentinel has not followed yet.
        var isOpposed = _opinions.Values.Any(opinion => (opinion.Master, opinion.Epoch) == (view.Master, view.Epoch));
        var patience = isExpected ? TimeSpan.Zero : isOpposed && !agreeing.All(vote => vote.HasGoneBack) ? DissentPatience : ResetConfirmation;
        return time.GetElapsedTime(_agreed.Value.Since) >= patience ? (agreed.Master, agreed.Epoch) : null;
    }

    /// <summary>The state that a majority agreed on is followed: those that name another one are not believed alone.</summary>
    public void Overrule(ConvoyRedisEndpoint master, long epoch)
    {
        foreach (var (sentinel, opinion) in _opinions)
        {
            if ((opinion.Master, opinion.Epoch) != (master, epoch))
                Distrust(sentinel);
        }
    }

    /// <summary>Another state is followed.</summary>
    public void Restart() => _agreed = null;

    /// <summary>The sentinels that have named another master for longer than a failover needs to become known.</summary>
    /// <param name="master">The master that is followed.</param>
    /// <param name="since">Since when it is followed.</param>
    public IReadOnlyList<SentinelDissent> DissentFrom(ConvoyRedisEndpoint? master, long since) =>
    [
        .. from pair in _opinions
           let opinion = pair.Value
           where opinion.Master != master && time.GetElapsedTime(Math.Max(opinion.Since, since)) >= DissentPatience
           select new SentinelDissent(pair.Key, opinion.Master, opinion.Epoch),
    ];

    /// <summary>What a sentinel said last.</summary>
    /// <param name="Master">The master that it names.</param>
    /// <param name="Epoch">The configuration epoch.</param>
    /// <param name="HasVote">Whether it counts.</param>
    /// <param name="IsDown">Whether it considers that master down.</param>
    /// <param name="HasGoneBack">Whether it named a higher epoch before.</param>
    /// <param name="Since">Since when it has named that master, at whatever epoch.</param>
    private sealed record Opinion(ConvoyRedisEndpoint Master, long Epoch, bool HasVote, bool IsDown, bool HasGoneBack, long Since);
}
