using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// The link to one sentinel. It waits until its subscription is confirmed and then queries the sentinel, so that it misses no change in between.
/// It keeps polling (all questions while something is under way, one at rest), detects within seconds when the sentinel no longer answers, and reconnects.
/// </summary>
internal sealed class SentinelLink : IAsyncDisposable
{
    /// <summary>The polling interval while something is under way; a subscription without questions is pinged at the same interval.</summary>
    public static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer may take until the link counts as dead.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1.5);

    /// <summary>For how long after the connect, and after the last event, everything is asked at each poll. Afterwards one question suffices.</summary>
    public static readonly TimeSpan Watchful = MasterTracker.FailoverPatience;

    /// <summary>How often everything is asked at rest, for the case that an event was lost.</summary>
    private static readonly TimeSpan CompletePeriod = TimeSpan.FromMinutes(2);

    /// <summary>How often in a row the address is queried while a failover changes the epoch.</summary>
    private const int MostAttempts = 3;

    /// <summary>A link that lasted this long is retried after the shortest pause; one that was lost sooner, after increasing pauses.</summary>
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _disposed = new();
    private readonly Signal _question;
    private readonly SentinelLinkState _state;
    private readonly string _masterName;
    private readonly NodeDialer _dialer;
    private readonly Action<FailoverObservation> _observe;
    private readonly Action<SentinelLink, IReadOnlyList<SentinelPeer>> _listed;
    private readonly ConnectionContext _context;
    private readonly Task _running;
    private AtRest? _atRest;
    private long _lastEvent;

    /// <param name="sentinel">The sentinel's address.</param>
    /// <param name="masterName">The master to ask for.</param>
    /// <param name="dialer">Dials sentinels.</param>
    /// <param name="observe">Receives everything that the sentinel says.</param>
    /// <param name="listed">Receives, with each answer, the other sentinels that this one knows.</param>
    /// <param name="stateChanged">Called after each change of <see cref="HasAnswered"/> or <see cref="Fault"/>.</param>
    /// <param name="context">The clock and the log.</param>
    /// <param name="delay">How long to wait before the first dial.</param>
    public SentinelLink(
        ConvoyRedisEndpoint sentinel,
        string masterName,
        NodeDialer dialer,
        Action<FailoverObservation> observe,
        Action<SentinelLink, IReadOnlyList<SentinelPeer>> listed,
        Action stateChanged,
        ConnectionContext context,
        TimeSpan delay = default)
    {
        (_masterName, _dialer, _observe, _listed, _context) = (masterName, dialer, observe, listed, context);
        _question = new Signal(context.Time);
        _state = new SentinelLinkState(sentinel, observe, stateChanged, context);
        _running = Background.Run(() => RunAsync(delay));
    }

    /// <summary>The sentinel at the other end.</summary>
    public ConvoyRedisEndpoint Sentinel => _state.Sentinel;

    /// <summary>The id by which other sentinels know this one; null until it answered with it.</summary>
    public string? Id { get; private set; }

    /// <summary>Whether the sentinel has named a master on the present connection.</summary>
    public bool HasAnswered => _state.HasAnswered;

    /// <summary>Why the sentinel is not connected, or names no master; null if neither, or if unknown.</summary>
    public ConvoyRedisConnectionException? Fault => _state.Fault;

    /// <summary>The state of the sentinel, for reports.</summary>
    public SentinelState State => _state.Shown;

    /// <summary>Asks as soon as possible instead of at the next poll.</summary>
    public void Ask() => _question.Set();

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _disposed.Dispose();
    }

    private async Task RunAsync(TimeSpan delay)
    {
        await Task.Delay(delay, _context.Time, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var backoff = new Backoff(FirstPause, LongestPause);
        while (!_disposed.IsCancellationRequested)
        {
            var began = _context.Time.GetTimestamp();
            try
            {
                await RunOnceAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                if (_disposed.IsCancellationRequested)
                    return;
                OnLost(exception);
            }

            if (Elapsed(began) > Stable)
                backoff.Reset();
            await Task.Delay(backoff.Next(), _context.Time, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void OnLost(Exception exception)
    {
        if (exception is not (IOException or OperationCanceledException or ConvoyRedisConnectionException))
            Log.PartFailed(_context.Logger, $"The link to sentinel {Sentinel}", exception);
        var reason = exception switch
        {
            OperationCanceledException => $"no answer within {AnswerTimeout.TotalMilliseconds} ms.",
            IOException => exception.Message,
            _ => $"{exception.GetType().Name}.",
        };
        _state.Report(exception as ConvoyRedisConnectionException
            ?? new ConvoyRedisConnectionException(ConvoyRedisFault.Unreachable, $"Sentinel {Sentinel}: {reason}", exception));
        _observe(new SentinelLost(Sentinel));
    }

    // If the ACL does not allow the subscription, polling remains: a new master is found within a second of its announcement, and a planned
    // failover is a cut.
    private async Task RunOnceAsync()
    {
        _atRest = null;
        OnEvent(null);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token);
        using var events = await _dialer.DialAsync(Sentinel, ended.Token).ConfigureAwait(false);
        var subscription = new SentinelSubscription(events.Resp, Sentinel, _masterName, _dialer, _state.Denied, OnEvent, _context);
        var isSubscribed = await subscription.TrySubscribeAsync(ended.Token).ConfigureAwait(false);

        using var questions = subscription.IsForQuestions ? null : await _dialer.DialAsync(Sentinel, ended.Token).ConfigureAwait(false);
        var client = new SentinelClient(_state.Denied.Asking(questions is null ? subscription.ExecuteAsync : questions.Resp.ExecuteAsync), Sentinel, _masterName, _dialer);
        List<Task> parts = [AskAsync(client, subscription.IsComplete, ended.Token)];
        if (isSubscribed || questions is null)
            parts.Add(subscription.ReadAsync(ended.Token));
        if (isSubscribed && questions is not null)
            parts.Add(subscription.PingAsync(ended.Token));
        var first = await Task.WhenAny(parts).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
    }

    private void OnEvent(SentinelEvent? published)
    {
        Volatile.Write(ref _lastEvent, _context.Time.GetTimestamp());
        if (published is not null)
            _observe(published);
    }

    private async Task AskAsync(SentinelClient client, bool isToldOfChanges, CancellationToken cancellationToken)
    {
        while (true)
        {
            var isAtRest = isToldOfChanges && Elapsed(Volatile.Read(ref _lastEvent)) >= Watchful && _atRest is { } last && Elapsed(last.Since) < CompletePeriod;
            using (var timeout = new Deadline(AnswerTimeout, _context.Time, cancellationToken))
            {
                if (!isAtRest || !await IsUnchangedAsync(client, timeout.Token).ConfigureAwait(false))
                    await AskAllAsync(client, timeout.Token).ConfigureAwait(false);
            }

            // Not all processes at the same moment, and together with the complete questions no more than one command a second.
            var period = isAtRest ? PollPeriod * (1 + (0.2 * Random.Shared.NextDouble())) : PollPeriod;
            if (await _question.WaitAsync(period, cancellationToken).ConfigureAwait(false))
                _atRest = null;
        }
    }

    private TimeSpan Elapsed(long since) => _context.Time.GetElapsedTime(since);

    // A failover, and each change of the configuration, changes the answer, or is told by an event.
    private async Task<bool> IsUnchangedAsync(SentinelClient client, CancellationToken cancellationToken)
    {
        if (_atRest is not { } atRest || await client.GetMasterAsync(cancellationToken).ConfigureAwait(false) != atRest.Master)
            return false;
        _observe(atRest.Answer);
        return true;
    }

    private async Task AskAllAsync(SentinelClient client, CancellationToken cancellationToken)
    {
        _atRest = null;
        try
        {
            if (!await TryObserveMasterAsync(client, cancellationToken).ConfigureAwait(false))
                return;
        }
        catch (ConvoyRedisConnectionException fault) when (fault.Fault == ConvoyRedisFault.NoMaster)
        {
            // The link stays: its events still count, and the next answer may be usable.
            _state.Report(fault);
            return;
        }

        _state.ReportQuorum(await client.GetQuorumFaultAsync(cancellationToken).ConfigureAwait(false));
        Id = await client.GetIdAsync(cancellationToken).ConfigureAwait(false);
        if (await client.GetPeersAsync(cancellationToken).ConfigureAwait(false) is { } peers)
            _listed(this, peers);
    }

    // Address and epoch come from two commands: an answer counts when the epoch is the same before and after the address.
    private async Task<bool> TryObserveMasterAsync(SentinelClient client, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var before = await client.GetMasterAsync(cancellationToken).ConfigureAwait(false);
            var address = before is null ? null : await client.GetMasterAddressAsync(cancellationToken).ConfigureAwait(false);
            var after = address is null ? null : await client.GetMasterAsync(cancellationToken).ConfigureAwait(false);
            if (address is null || after is null)
            {
                _state.Report(await client.ExplainUnknownMasterAsync(cancellationToken).ConfigureAwait(false));
                return false;
            }

            if (before!.Epoch != after.Epoch)
                continue;
            var isInTilt = await client.IsInTiltAsync(cancellationToken).ConfigureAwait(false);
            _state.Note(after);

            // Until a failover has ended, the reported health is that of the old master.
            var health = after.Address == address ? after.Health : MasterHealth.Up;
            var answer = new SentinelAnswered(Sentinel, address.Value, before.Epoch!.Value, isInTilt, health);
            if (after.IsAtRest && after.Address == address && !isInTilt)
                _atRest = new AtRest(after, answer, _context.Time.GetTimestamp());
            _observe(answer);
            _state.Report(null);
            return true;
        }

        return false;
    }

    /// <summary>What the sentinel answered last to all questions, while nothing was under way.</summary>
    private sealed record AtRest(MonitoredMaster Master, SentinelAnswered Answer, long Since);
}
