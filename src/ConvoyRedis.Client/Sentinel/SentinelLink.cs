using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// The link to one sentinel. It learns who answers, waits until its subscription is confirmed and then queries the sentinel, so that it misses no change in
/// between. It keeps polling, detects within seconds when the sentinel no longer answers, and reconnects.
/// </summary>
internal sealed class SentinelLink : IAsyncDisposable
{
    /// <summary>The polling interval while something is under way; a subscription without questions is pinged at the same interval.</summary>
    public static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer may take until the link counts as dead.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1.5);

    /// <summary>For how long after the connect, and after the last event, everything is asked at each poll. Afterwards one question suffices.</summary>
    public static readonly TimeSpan Watchful = MasterTracker.FailoverPatience;

    /// <summary>The longest pause after another sentinel has answered at the address: there, nothing changes soon.</summary>
    public static readonly TimeSpan LongestStrayPause = TimeSpan.FromSeconds(10);

    /// <summary>A link that lasted this long is retried after the shortest pause; one that was lost sooner, after increasing pauses.</summary>
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two attempts by other names: each costs another sentinel a connection.</summary>
    private static readonly TimeSpan LongestDetourPause = TimeSpan.FromSeconds(30);

    /// <summary>How often in a row the connection for questions may reach another sentinel than that for events.</summary>
    private const int MostDials = 10;

    private readonly CancellationTokenSource _disposed = new();
    private readonly Signal _question;
    private readonly Signal _retry;
    private readonly SentinelLinkState _state;
    private readonly string _masterName;
    private readonly NodeDialer _dialer;
    private readonly ISentinelLinkOwner _owner;
    private readonly ConnectionContext _context;
    private readonly Task _running;
    private Backoff _detours = new(FirstPause, LongestDetourPause);
    private long _nextDetour;
    private TaskCompletionSource _left = NewSignal();

    /// <param name="sentinel">The sentinel's address.</param>
    /// <param name="masterName">The master to ask for.</param>
    /// <param name="dialer">Dials sentinels.</param>
    /// <param name="owner">Is told of everything.</param>
    /// <param name="context">The clock and the log.</param>
    /// <param name="delay">How long to wait before the first dial.</param>
    public SentinelLink(
        ConvoyRedisEndpoint sentinel, string masterName, NodeDialer dialer, ISentinelLinkOwner owner, ConnectionContext context, TimeSpan delay = default)
    {
        (_masterName, _dialer, _owner, _context) = (masterName, dialer, owner, context);
        (_question, _retry) = (new Signal(context.Time), new Signal(context.Time));
        _state = new SentinelLinkState(sentinel, Observe, () => owner.OnChanged(this), context);
        _running = Background.Run(() => RunAsync(delay));
    }

    /// <summary>The sentinel at the other end.</summary>
    public ConvoyRedisEndpoint Sentinel => _state.Sentinel;

    /// <summary>The id by which others know the sentinel that answered last; null if it did not say.</summary>
    public string? Id { get; private set; }

    /// <summary>Where it answered: the real address, behind the name.</summary>
    public ConvoyRedisEndpoint? Address { get; private set; }

    /// <summary>Whether the last sentinel that answered was not the link's own, so that it was left.</summary>
    public bool HasMetAnother { get; private set; }

    /// <summary>Whether the sentinel has named a master on the present connection.</summary>
    public bool HasAnswered => _state.HasAnswered;

    /// <summary>Why the sentinel is not connected, or names no master; null if neither, or if unknown.</summary>
    public ConvoyRedisConnectionException? Fault => _state.Fault;

    /// <summary>The state of the sentinel, for reports.</summary>
    public SentinelState State => _state.Shown;

    /// <summary>Asks as soon as possible instead of at the next poll.</summary>
    public void Ask() => _question.Set();

    /// <summary>Connects as soon as possible instead of after a pause.</summary>
    public void Retry() => _retry.Set();

    /// <summary>Ends the connection, because it is not to the link's own sentinel.</summary>
    public void Leave() => Volatile.Read(ref _left).TrySetResult();

    /// <summary>The fault of a sentinel that is not the one that the others list at its address.</summary>
    public static ConvoyRedisConnectionException AnotherAt(ConvoyRedisEndpoint sentinel) => new(
        ConvoyRedisFault.NoMaster, $"Sentinel {sentinel}: another sentinel answers than the one that the others list there. {Remedies.OtherSentinel}");

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _disposed.Dispose();
    }

    private async Task RunAsync(TimeSpan delay)
    {
        await Task.Delay(delay, _context.Time, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var (losses, strays) = (new Backoff(FirstPause, LongestPause), new Backoff(FirstPause, LongestStrayPause));
        while (!_disposed.IsCancellationRequested)
        {
            var began = _context.Time.GetTimestamp();
            var name = NextName();
            try
            {
                await RunOnceAsync(name).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                if (_disposed.IsCancellationRequested)
                    return;
                OnLost(exception);
            }

            if (_context.Time.GetElapsedTime(began) > Stable)
            {
                losses.Reset();
                strays.Reset();
            }

            var pause = HasMetAnother && name == Sentinel ? strays.Next() : losses.Next();
            await ((Task)_retry.WaitAsync(pause, _disposed.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Where one name leads to all sentinels, each may be reached by that name only.
    private ConvoyRedisEndpoint NextName()
    {
        var now = _context.Time.GetTimestamp();
        if (Fault is null || now < _nextDetour || _owner.NextName(this) is not { } name)
            return Sentinel;
        _nextDetour = now + (long)(_detours.Next().TotalSeconds * _context.Time.TimestampFrequency);
        return name;
    }

    private void Observe(FailoverObservation observation) => _owner.Observe(this, observation);

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
        if (HasMetAnother && HasAnswered)
            Observe(new SentinelDisowned(Sentinel));
        _state.Report(exception as ConvoyRedisConnectionException
            ?? new ConvoyRedisConnectionException(ConvoyRedisFault.Unreachable, $"Sentinel {Sentinel}: {reason}", exception));
        Observe(new SentinelLost(Sentinel));
    }

    // If the ACL does not allow the subscription, polling remains: a new master is found within a second of its announcement, and a planned
    // failover is a cut.
    private async Task RunOnceAsync(ConvoyRedisEndpoint name)
    {
        HasMetAnother = false;
        var questions = new SentinelQuestions(_state, _question, Observe, peers => _owner.OnListed(this, peers), _context);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token);
        using var events = await _dialer.DialAsync(name, ended.Token).ConfigureAwait(false);
        var subscription = new SentinelSubscription(events.Resp, Sentinel, _masterName, _dialer, _state.Denied, questions.NoteEvent, _context);
        (Id, Address) = (await subscription.IntroduceAsync(ended.Token).ConfigureAwait(false), events.Address);
        _owner.OnMet(this, name);
        ThrowIfAnother();
        var isSubscribed = await subscription.TrySubscribeAsync(ended.Token).ConfigureAwait(false);

        using var other = subscription.IsForQuestions ? null : await DialForQuestionsAsync(name, ended.Token).ConfigureAwait(false);
        var left = NewSignal();
        Volatile.Write(ref _left, left);
        List<Task> parts = [left.Task, questions.AskAsync(ClientOver(other is null ? subscription.ExecuteAsync : other.Resp.ExecuteAsync), subscription.IsComplete, ended.Token)];
        if (isSubscribed || other is null)
            parts.Add(subscription.ReadAsync(ended.Token));
        if (isSubscribed && other is not null)
            parts.Add(subscription.PingAsync(ended.Token));
        var first = await Task.WhenAny(parts).ConfigureAwait(false);
        left.TrySetResult();
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ThrowIfAnother();
        await first.ConfigureAwait(false);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SentinelClient ClientOver(Func<IReadOnlyList<string>, CancellationToken, Task<RespReply>> execute) =>
        new(_state.Denied.Asking(execute), Sentinel, _masterName, _dialer);

    // Where one name leads to several sentinels, each connection may reach another one.
    private async Task<NodeTransport> DialForQuestionsAsync(ConvoyRedisEndpoint name, CancellationToken cancellationToken)
    {
        for (var dials = 0; dials < MostDials; dials++)
        {
            var transport = await _dialer.DialAsync(name, cancellationToken).ConfigureAwait(false);
            try
            {
                using var timeout = new Deadline(AnswerTimeout, _context.Time, cancellationToken);
                if (Id is null || await ClientOver(transport.Resp.ExecuteAsync).GetIdAsync(timeout.Token).ConfigureAwait(false) == Id)
                    return transport;
            }
            catch
            {
                transport.Dispose();
                throw;
            }

            transport.Dispose();
        }

        throw new IOException($"{MostDials} connections in a row reached other sentinels than the one that publishes the events.");
    }

    private void ThrowIfAnother()
    {
        HasMetAnother = _owner.IsAnother(this);
        if (HasMetAnother)
            throw AnotherAt(Sentinel);
    }
}
