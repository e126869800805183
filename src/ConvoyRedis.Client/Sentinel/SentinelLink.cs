using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// The link to one sentinel. It waits until its subscription is confirmed and then queries the sentinel, so that it misses no change in between.
/// It keeps polling, detects within seconds when the sentinel no longer answers, and reconnects.
/// </summary>
internal sealed class SentinelLink : IAsyncDisposable
{
    /// <summary>The polling interval; a subscription is pinged at the same interval.</summary>
    public static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer may take until the link counts as dead.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1.5);

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

            if (_context.Time.GetElapsedTime(began) > Stable)
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
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token);
        using var events = await _dialer.DialAsync(Sentinel, ended.Token).ConfigureAwait(false);
        var subscription = new SentinelSubscription(events.Resp, Sentinel, _masterName, _dialer, _context);
        var isSubscribed = await subscription.TrySubscribeAsync(ended.Token).ConfigureAwait(false);

        using var questions = await _dialer.DialAsync(Sentinel, ended.Token).ConfigureAwait(false);
        var asking = AskAsync(new SentinelClient(questions.Resp, Sentinel, _masterName, _dialer), ended.Token);
        Task[] parts = isSubscribed ? [asking, subscription.ReadAsync(_observe, ended.Token), subscription.PingAsync(ended.Token)] : [asking];
        var first = await Task.WhenAny(parts).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
    }

    private async Task AskAsync(SentinelClient client, CancellationToken cancellationToken)
    {
        while (true)
        {
            using (var timeout = new Deadline(AnswerTimeout, _context.Time, cancellationToken))
                await AskOnceAsync(client, timeout.Token).ConfigureAwait(false);
            await _question.WaitAsync(PollPeriod, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AskOnceAsync(SentinelClient client, CancellationToken cancellationToken)
    {
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
            _observe(new SentinelAnswered(Sentinel, address.Value, before.Epoch!.Value, isInTilt, health));
            _state.Report(null);
            return true;
        }

        return false;
    }
}
