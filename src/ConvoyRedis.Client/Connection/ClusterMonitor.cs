using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Watches the masters of a cluster, and sees to it that what waits for a dead one continues at its successor. Each master is asked once a second,
/// for what tells a change of the cluster, and now and then for the layout. One that does not answer in time, or cannot be dialled, is suspect: its
/// replicas are watched closely (<see cref="ShardSuccession"/>). A suspicion alone cuts nothing.
/// </summary>
internal sealed class ClusterMonitor : IAsyncDisposable
{
    /// <summary>The mean time between two questions to a master.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How old the layout may be.</summary>
    public static readonly TimeSpan LongestAge = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Precedence = TimeSpan.FromMilliseconds(20);

    private const string Succession = "succession of ";

    private readonly CancellationTokenSource _disposed = new();
    private readonly ClusterFollowers _followers = new();
    private readonly IReadOnlyList<ConvoyRedisEndpoint> _seeds;
    private readonly NodeDialer _dialer;
    private readonly ConnectionContext _context;
    private readonly ClusterView _view;
    private readonly LayoutReader _reader;
    private readonly NamedWork _work;
    private readonly Signal _changed;
    private readonly Task _watching;

    /// <param name="seeds">The nodes of the settings.</param>
    /// <param name="dialer">Dials nodes.</param>
    /// <param name="context">The clock, the log and the metrics.</param>
    public ClusterMonitor(IReadOnlyList<ConvoyRedisEndpoint> seeds, NodeDialer dialer, ConnectionContext context)
    {
        (_seeds, _dialer, _context) = (seeds, dialer, context);
        (_view, _work, _changed) = (new ClusterView(context.Time), new NamedWork("The cluster monitor", context.Logger), new Signal(context.Time));
        _reader = new LayoutReader(dialer, _view, context);
        _watching = Background.Run(WatchAsync);
    }

    /// <summary>The layout; null until a node has shown it, and where every node refuses to.</summary>
    public ClusterLayout? Layout => _view.Layout;

    /// <summary>The shards; none until a node has shown the layout.</summary>
    public IReadOnlyList<Shard> Shards => _view.Shards;

    /// <summary>Whether a shard's master does not answer, and one of its replicas may take over.</summary>
    public ConvoyRedisPhase Phase => _work.IsRunning(Succession) ? ConvoyRedisPhase.FailingOver : ConvoyRedisPhase.Following;

    /// <summary>Also serves this connection.</summary>
    public void Attach(ClusterFollower follower)
    {
        follower.Tunnel.Unreachable = Suspect;
        _followers.Add(follower);
    }

    /// <summary>No longer serves the connection of this tunnel.</summary>
    public void Detach(MasterTunnel tunnel) => _followers.Remove(tunnel);

    public async ValueTask DisposeAsync()
    {
        await Disposal.EndAsync(
            _context.Logger,
            ("the cluster monitor's cancellation", () => new(_disposed.CancelAsync())),
            ("the cluster monitor", () => new(_watching)),
            ("the cluster monitor's connections", () => new(_work.Done))).ConfigureAwait(false);
        _disposed.Dispose();
    }

    /// <summary>A node cannot be reached, or does not answer.</summary>
    /// <returns>Whether one of its replicas may take over.</returns>
    private bool Suspect(ConvoyRedisEndpoint address)
    {
        if (_disposed.IsCancellationRequested || _view.NoteSilence(address) is not { Master: var master } shard)
            return false;

        // Replicas that joined a moment ago are not known yet.
        if (_view.IsOlderThan(Period))
            _work.Start("reading of the layout", ReadAnyAsync);
        if (shard.Replicas.Count == 0)
            return false;
        _work.Start($"{Succession}{master.Id}", () => SucceedAsync(
            new ShardSuccession(master, () => _view.CandidatesFor(master), () => _view.IsMasterElsewhere(master), _dialer, _context.Time)));
        return true;
    }

    private async Task WatchAsync()
    {
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                foreach (var shard in _view.Shards)
                    _work.Start($"watch of {shard.Master.Id}", () => WatchAsync(shard.Master));
                foreach (var (former, successor) in _view.Replaced)
                    _work.Start($"return of {former.Id}", () => ReturnAsync(former, successor));

                // No master that is watched has told it.
                if (_view.IsOlderThan(2 * LongestAge))
                    await ReadAnyAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                if (exception is not OperationCanceledException)
                    Log.PartFailed(_context.Logger, "The cluster monitor", exception);
            }

            await ((Task)_changed.WaitAsync(Period, _disposed.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(ClusterMember master)
    {
        try
        {
            using var own = await _dialer.DialAsync(master, _disposed.Token).ConfigureAwait(false);
            string? seen = null;
            while (_view.IsMaster(master))
            {
                using var patience = new Deadline(LayoutReader.Patience, _context.Time, _disposed.Token);
                var isOld = _view.IsOlderThan(LongestAge);
                var changes = isOld ? seen : await LayoutReader.AskChangesAsync(own, patience.Token).ConfigureAwait(false) ?? seen;
                if (isOld || changes != seen)
                {
                    var layout = await _reader.ReadAsync(own, patience.Token).ConfigureAwait(false);
                    Adopt(layout);

                    // The answer to the first question counts a node that is about to join already, and does not change when it has joined.
                    seen = layout is { HasJoining: true } ? null : changes;
                }

                _view.NoteAnswer(master);

                // Random, so that the masters are not asked at the same moment: what one does not know yet, the next one may. Sooner while a node joins.
                var random = Random.Shared.NextDouble();
                await Task.Delay(Period * (seen is null ? 0.1 + (0.8 * random) : 0.5 + random), _context.Time, _disposed.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or ConvoyRedisConnectionException { IsFinal: false } or OperationCanceledException)
        {
            Suspect(master.Endpoint);
        }
    }

    private async Task ReadAnyAsync()
    {
        var silent = _view.Shards.Where(shard => shard.Silence is not null).Select(shard => shard.Master.Id).ToHashSet();
        IEnumerable<ConvoyRedisEndpoint> nodes = [.. Layout?.Nodes.OrderBy(node => node.IsFailing || silent.Contains(node.Id)).Select(node => node.Endpoint) ?? [], .. _seeds];
        Adopt(await _reader.ReadAsync(nodes, _disposed.Token).ConfigureAwait(false));
    }

    private void Adopt(ClusterLayout? layout)
    {
        if (layout is not null)
            Adopt(layout, MasterChangeCause.Announced, [], TimeSpan.Zero);
    }

    private void Adopt(ClusterLayout layout, MasterChangeCause cause, IReadOnlyList<FailoverStep> timeline, TimeSpan elapsed)
    {
        var change = _view.Adopt(layout);
        _changed.Set();
        foreach (var (former, successor) in change.Successions)
        {
            var move = new MasterChangedEventArgs(former.Endpoint, successor.Endpoint, cause, successor.ConfigEpoch, false, null, timeline, successor.Slots);
            _followers.Followed(move);
            _context.Telemetry.FailedOver(move, elapsed);
            if (cause == MasterChangeCause.Announced)
                _work.Start($"move of {former.Id}", () => LeaveAsync(former, successor));
        }

        if (change.HasNewNodes)
            _followers.NodesAdded(layout);
    }

    private async Task SucceedAsync(ShardSuccession succession)
    {
        var former = succession.Former;
        if (_view.CandidatesFor(former) is [var candidate, ..])
            _work.Start("rehearsal", () => _followers.RehearseAsync(candidate, former));
        var layout = await succession.WaitAsync(successor => _followers.Succeed(former, successor), _disposed.Token).ConfigureAwait(false);
        var (steps, elapsed) = (succession.Steps, succession.Elapsed);
        _context.Telemetry.PhaseEnded(ConvoyRedisPhase.FailingOver, elapsed);
        if (layout?.Myself is not { } successor)
            return;

        // What waits goes first: to note and tell a move takes milliseconds of a core the first time.
        await Task.Delay(Precedence, _context.Time, _disposed.Token).ConfigureAwait(false);
        NoteReplaced(former, successor);
        Adopt(layout, MasterChangeCause.Promoted, steps, elapsed);
    }

    // Another node told of a successor first. A former master that answers redirects what it is sent (MOVED).
    private async Task LeaveAsync(ClusterMember former, ClusterMember successor)
    {
        using var patience = new Deadline(LayoutReader.Patience, _context.Time, _disposed.Token);
        try
        {
            using var own = await _dialer.DialAsync(former, patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ConvoyRedisConnectionException { IsFinal: false } or OperationCanceledException)
        {
            _disposed.Token.ThrowIfCancellationRequested();
            _followers.Succeed(former, successor);
            NoteReplaced(former, successor);
        }
    }

    private void NoteReplaced(ClusterMember former, ClusterMember successor)
    {
        _view.NoteReplaced(former, successor);
        Log.ShardSucceeded(_context.Logger, former.Endpoint, successor.Endpoint, successor.SlotText);
    }

    // A former master that is back may take itself for the master until it has heard of its successor: only as a replica it is reachable again.
    private async Task ReturnAsync(ClusterMember former, ClusterMember successor)
    {
        var hasLeft = _view.HasLeft(former);
        if (!hasLeft)
        {
            using var own = await _dialer.DialAsync(former, _disposed.Token).ConfigureAwait(false);
            using var patience = new Deadline(LayoutReader.Patience, _context.Time, _disposed.Token);
            var answer = await own.Resp.ExecuteAsync(["CLUSTER", "NODES"], patience.Token).ConfigureAwait(false);
            if (ClusterLayout.Read(answer.Text)?.Myself is not { } now || (now.Slots.Count > 0 && successor.Succeeds(now)))
                return;
            if (now.IsReplica)
                Log.ShardReplicaReturned(_context.Logger, former.Endpoint);
        }

        _view.NoteReturned(former);
        await _followers.ReturnAsync(former, hasLeft).ConfigureAwait(false);
    }
}
