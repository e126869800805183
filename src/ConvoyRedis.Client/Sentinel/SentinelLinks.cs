using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// The links to all sentinels: those that were configured, which are never forgotten, and those that they name
/// (<c>SENTINEL SENTINELS</c>), for as long as one of them does or they answer. A sentinel is known by its id, so that one that is configured by
/// a host name and named by its address is linked once.
/// </summary>
internal sealed class SentinelLinks : IAsyncDisposable
{
    /// <summary>The maximum number of discovered sentinels; a deployment has 3 to 7.</summary>
    public const int MostDiscovered = 32;

    /// <summary>The maximum random delay, so that not all processes connect to a new sentinel at the same time.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Dictionary<ConvoyRedisEndpoint, IReadOnlyList<SentinelPeer>> _listed = [];
    private readonly List<SentinelLink> _configured = [];
    private readonly List<SentinelLink> _discovered = [];
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
        lock (_gate)
            _configured.AddRange(target.Endpoints.Select(sentinel => Link(sentinel, observe)));
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

    private SentinelLink Link(ConvoyRedisEndpoint sentinel, Action<FailoverObservation> observe, TimeSpan delay = default) =>
        new(sentinel, _masterName, _dialer, observe, OnListed, _changed, _context, delay);

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
        _discovered.Add(Link(sentinel, ObserveDiscovered, Random.Shared.NextDouble() * LongestDelay));

        // Its vote counts while most of the configured ones know it: a sentinel of another deployment also names the others of that deployment.
        void ObserveDiscovered(FailoverObservation observation) =>
            _observe(observation is SentinelAnswered answer ? answer with { HasVote = IsKnownToMost(sentinel) } : observation);
    }

    private bool IsKnownToMost(ConvoyRedisEndpoint sentinel)
    {
        lock (_gate)
        {
            var lists = _configured.Where(link => link.HasAnswered).Select(link => _listed.GetValueOrDefault(link.Sentinel)).OfType<IReadOnlyList<SentinelPeer>>().ToList();
            return lists.Count(peers => peers.Any(peer => peer.Endpoint == sentinel)) * 2 > lists.Count;
        }
    }

    private void OnListed(SentinelLink from, IReadOnlyList<SentinelPeer> peers)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _listed[from.Sentinel] = peers;
            foreach (var link in _discovered.Where(link => IsTwin(link) || IsGone(link)).ToList())
                Drop(link);

            // A peer may be a configured sentinel whose id is not known yet.
            if (_configured.Exists(link => link.Id is null && link.Fault is null))
                return;
            foreach (var peer in peers)
            {
                var isLinked = All.Any(link => link.Sentinel == peer.Endpoint || (link.HasAnswered && link.Id == peer.Id));
                if (isLinked)
                    continue;
                Discover(peer.Endpoint);
            }
        }
    }

    private bool IsTwin(SentinelLink link) =>
        link.Id is not null && All.TakeWhile(other => other != link).Any(other => other.HasAnswered && other.Id == link.Id);

    private bool IsGone(SentinelLink link) =>
        !link.HasAnswered && !_listed.Values.Any(peers => peers.Any(peer => peer.Endpoint == link.Sentinel));

    private void Drop(SentinelLink link)
    {
        _discovered.Remove(link);
        _listed.Remove(link.Sentinel);
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
