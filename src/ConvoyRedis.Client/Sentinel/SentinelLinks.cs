using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// The links to all sentinels: those that were configured, which are never forgotten, and those that they name
/// (<c>SENTINEL SENTINELS</c>), for as long as one of them does or they answer. A sentinel is known by its id: one that is configured by a host name and
/// named by its address is linked once, and of two links that reach the same sentinel, one has a voice.
/// </summary>
internal sealed class SentinelLinks : ISentinelLinkOwner, IAsyncDisposable
{
    /// <summary>The maximum number of discovered sentinels; a deployment has 3 to 7.</summary>
    public const int MostDiscovered = 32;

    /// <summary>The maximum random delay, so that not all processes connect to a new sentinel at the same time.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly SentinelLists _lists = new();
    private readonly SentinelNames _names;
    private readonly List<SentinelLink> _configured = [];
    private readonly List<SentinelLink> _discovered = [];
    private readonly HashSet<SentinelLink> _silenced = [];
    private readonly List<Task> _ending = [];
    private readonly string _masterName;
    private readonly NodeDialer _dialer;
    private readonly Action<FailoverObservation> _observe;
    private readonly Action _changed;
    private readonly ConnectionContext _context;
    private bool _isDisposed;
    private bool _isFull;

    /// <param name="target">The configured sentinels and the master's name.</param>
    /// <param name="dialer">Dials sentinels.</param>
    /// <param name="observe">Receives everything that they say.</param>
    /// <param name="changed">Called when <see cref="NoMasterFault"/> may have changed.</param>
    /// <param name="context">The clock and the log.</param>
    public SentinelLinks(
        ConvoyRedisTarget target, NodeDialer dialer, Action<FailoverObservation> observe, Action changed, ConnectionContext context)
    {
        (_masterName, _dialer, _observe, _changed, _context) = (target.MasterName!, dialer, observe, changed, context);
        _names = new SentinelNames(target.Endpoints);
        lock (_gate)
            _configured.AddRange(target.Endpoints.Select(sentinel => Link(sentinel)));
    }

    /// <summary>
    /// Why no master can be located: most of the configured sentinels refuse us or do not know the master, or every one of them has failed. Null
    /// while one may still name it.
    /// </summary>
    public ConvoyRedisConnectionException? NoMasterFault
    {
        get
        {
            List<ConvoyRedisConnectionException?> all;
            lock (_gate)
                all = [.. _configured.Select(link => link.Fault)];
            var faults = all.OfType<ConvoyRedisConnectionException>().ToList();
            if (faults.Count < all.Count && faults.Count(fault => fault.IsFinal) * 2 <= all.Count)
                return null;
            var worst = faults.FirstOrDefault(fault => fault.IsFinal);
            var advice = worst is null ? $" {Remedies.SentinelStart}" : "";
            return new ConvoyRedisConnectionException(worst?.Fault ?? ConvoyRedisFault.NoMaster,
                $"No sentinel names the master. {string.Join(' ', faults.Select(fault => fault.Message).Distinct())}{advice}");
        }
    }

    /// <summary>How many of all sentinels are connected and name the master.</summary>
    public int Connected
    {
        get
        {
            lock (_gate)
                return All.Count(link => link is { HasAnswered: true, Fault: null });
        }
    }

    /// <summary>The state of all sentinels, including discovered ones.</summary>
    public IReadOnlyList<SentinelState> States
    {
        get
        {
            lock (_gate)
                return [.. All.Select(link => link.State)];
        }
    }

    private IEnumerable<SentinelLink> All => _configured.Concat(_discovered);

    /// <summary>Asks a sentinel as soon as possible.</summary>
    public void Ask(ConvoyRedisEndpoint sentinel)
    {
        lock (_gate)
            All.FirstOrDefault(link => link.Sentinel == sentinel)?.Ask();
    }

    public async ValueTask DisposeAsync()
    {
        List<Task> ending;
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var link in All)
                _ending.Add(Disposal.EndAsync(_context.Logger, (Name(link), link.DisposeAsync)).AsTask());
            ending = [.. _ending];
        }

        await Task.WhenAll(ending).ConfigureAwait(false);
    }

    public void Observe(SentinelLink link, FailoverObservation observation)
    {
        lock (_gate)
        {
            if (observation is not SentinelLost && IsTwin(link))
            {
                // What it said before must not count any more, beside the other link.
                if (!_silenced.Add(link))
                    return;
                observation = new SentinelLost(link.Sentinel);
            }
            else
            {
                _silenced.Remove(link);
            }

            // Its vote counts while most of the configured ones know it: a sentinel of another deployment also names the others of that deployment.
            if (observation is SentinelAnswered answer && _discovered.Contains(link))
                observation = answer with { HasVote = _lists.IsKnownToMost(link.Sentinel, _configured) };
        }

        _observe(observation);
    }

    public void OnListed(SentinelLink link, IReadOnlyList<SentinelPeer> peers)
    {
        lock (_gate)
        {
            _lists.Note(link, peers);
            Review();
        }
    }

    public void OnChanged(SentinelLink link)
    {
        lock (_gate)
        {
            // Whom it listened to may be without a listener now.
            if (link.Fault is not null)
                Review();
        }

        _changed();
    }

    public void OnMet(SentinelLink link, ConvoyRedisEndpoint name)
    {
        lock (_gate)
            _names.Note(name, link.Id);
    }

    public bool IsAnother(SentinelLink link)
    {
        lock (_gate)
            return _lists.IsAnother(link);
    }

    public ConvoyRedisEndpoint? NextName(SentinelLink link)
    {
        lock (_gate)
            return _discovered.Contains(link) ? _names.Next() : null;
    }

    private SentinelLink Link(ConvoyRedisEndpoint sentinel, TimeSpan delay = default) => new(sentinel, _masterName, _dialer, this, _context, delay);

    // Whoever is known needs one listener, and whoever is another than the one that is known has no voice.
    private void Review()
    {
        if (_isDisposed)
            return;
        var isForgotten = false;
        foreach (var link in All.Where(_lists.IsAnother).ToList())
        {
            link.Leave();
            isForgotten |= _lists.Forget(link);
        }

        // Those that only such a sentinel named are none of ours either.
        foreach (var link in _discovered.Where(link => IsSuperfluous(link) || (isForgotten && !IsListed(link))).ToList())
            Drop(link);
        foreach (var link in All.Where(link => link.HasMetAnother && !_lists.IsAnother(link)))
            link.Retry();

        // A peer may be a configured sentinel whose id is not known yet.
        if (_configured.Exists(link => link is { HasAnswered: false, Fault: null }))
            return;
        foreach (var peer in _lists.Peers.Where(peer => !IsHeard(peer) && All.All(link => link.Sentinel != peer.Endpoint)).ToList())
            Discover(peer.Endpoint);
    }

    private bool IsHeard(SentinelPeer peer) => All.Any(link => link.HasAnswered && link.Id == peer.Id && !_names.IsShared(link.Sentinel));

    private bool IsListed(SentinelLink link) => _lists.Peers.Any(peer => peer.Endpoint == link.Sentinel);

    private bool IsSuperfluous(SentinelLink link) => link.HasAnswered ? IsTwin(link) : _lists.Peers.Where(peer => peer.Endpoint == link.Sentinel).All(IsHeard);

    private void Discover(ConvoyRedisEndpoint sentinel)
    {
        if (_discovered.Count >= MostDiscovered)
        {
            if (!_isFull)
                Log.TooManySentinels(_context.Logger, MostDiscovered, sentinel);
            _isFull = true;
            return;
        }

        Log.SentinelDiscovered(_context.Logger, sentinel);
        _discovered.Add(Link(sentinel, Random.Shared.NextDouble() * LongestDelay));
    }

    // Whether a link that goes first listens to the same sentinel. One by a shared name goes last: it soon leads elsewhere.
    private bool IsTwin(SentinelLink link) => link.Id is not null
        && All.OrderBy(other => _names.IsShared(other.Sentinel)).TakeWhile(other => other != link).Any(other => other.HasAnswered && other.Id == link.Id);

    private void Drop(SentinelLink link)
    {
        _discovered.Remove(link);
        _lists.Forget(link);
        _silenced.Remove(link);
        _ending.RemoveAll(task => task.IsCompleted);
        _ending.Add(EndAsync(link));
    }

    // Its last answer must be removed, or it would still count among the sentinels that answer.
    private async Task EndAsync(SentinelLink link)
    {
        await Task.Yield();
        await Disposal.EndAsync(
            _context.Logger,
            (Name(link), link.DisposeAsync),
            (Name(link), Disposal.Of(() => _observe(new SentinelLost(link.Sentinel))))).ConfigureAwait(false);
    }

    private static string Name(SentinelLink link) => $"the link to sentinel {link.Sentinel}";
}
