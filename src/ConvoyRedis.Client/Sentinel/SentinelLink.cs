using System.Diagnostics;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Shared;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// The link to one sentinel: it subscribes, waits until the subscription stands, and then asks, so that no change falls between the two;
/// it keeps asking slowly, finds out within seconds when the sentinel no longer answers, and reconnects on its own.
/// </summary>
internal sealed class SentinelLink : IAsyncDisposable
{
    /// <summary>The time between two questions when nothing happens; a subscription is pinged as often.</summary>
    public static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(1);

    /// <summary>How long a sentinel may owe an answer until the link counts as dead.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1.5);

    /// <summary>For how many questions a sentinel may be alone in taking the master for down; the others follow within some seconds, as a rule.</summary>
    private const int AlonePatience = 6;

    /// <summary>How often the address is asked for in a row while a failover changes the epoch.</summary>
    private const int MostAttempts = 3;

    /// <summary>How long a link must have lasted for the next pause to be the shortest; one that is lost sooner is retried after ever longer pauses.</summary>
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _disposed = new();
    private readonly SemaphoreSlim _question = new(0);
    private readonly string _masterName;
    private readonly NodeDialer _dialer;
    private readonly Action<SentinelObservation> _observe;
    private readonly Action<SentinelLink, IReadOnlyList<SentinelPeer>> _listed;
    private readonly Action _stateChanged;
    private readonly ILogger _logger;
    private readonly Task _running;
    private string? _quorumFault;
    private int _aloneFor;
    private int? _replicas;

    /// <param name="sentinel">The sentinel's address.</param>
    /// <param name="masterName">The master to ask for.</param>
    /// <param name="dialer">Dials sentinels.</param>
    /// <param name="observe">Told of everything that the sentinel says.</param>
    /// <param name="listed">Told, with each answer, which other sentinels this one knows.</param>
    /// <param name="stateChanged">Told after each change of <see cref="HasAnswered"/> or <see cref="Fault"/>.</param>
    /// <param name="logger">Told when the link is lost and made.</param>
    /// <param name="delay">How long to wait before the first dial.</param>
    public SentinelLink(
        ConvoyRedisEndpoint sentinel,
        string masterName,
        NodeDialer dialer,
        Action<SentinelObservation> observe,
        Action<SentinelLink, IReadOnlyList<SentinelPeer>> listed,
        Action stateChanged,
        ILogger logger,
        TimeSpan delay = default)
    {
        Sentinel = sentinel;
        (_masterName, _dialer, _observe, _listed, _stateChanged, _logger) = (masterName, dialer, observe, listed, stateChanged, logger);
        _running = Background.Run(() => RunAsync(delay));
    }

    /// <summary>The sentinel at the other end.</summary>
    public ConvoyRedisEndpoint Sentinel { get; }

    /// <summary>The id by which other sentinels know this one; null until it told it.</summary>
    public string? Id { get; private set; }

    /// <summary>Whether the sentinel has named a master on the present connection.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Why there is no link, or why it names no master; null while all is well or nothing is known yet.</summary>
    public ConvoyRedisConnectionException? Fault { get; private set; }

    public SentinelState State => new(Fault?.Message, HasAnswered ? _quorumFault : null, _replicas);

    /// <summary>Asks as soon as possible instead of at the next poll.</summary>
    public void Ask() => _question.Release();

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _disposed.Dispose();
        _question.Dispose();
    }

    private async Task RunAsync(TimeSpan delay)
    {
        await Task.Delay(delay, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var backoff = new Backoff(FirstPause, LongestPause);
        while (!_disposed.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
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

            if (Stopwatch.GetElapsedTime(began) > Stable)
                backoff.Reset();
            await Task.Delay(backoff.Next(), _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void OnLost(Exception exception)
    {
        if (exception is not (IOException or OperationCanceledException or ConvoyRedisConnectionException))
            Log.PartFailed(_logger, $"The link to sentinel {Sentinel}", exception);
        Report(exception as ConvoyRedisConnectionException ?? new ConvoyRedisConnectionException(
            ConvoyRedisFault.Unreachable, $"Sentinel {Sentinel}: {Reason(exception)}", exception));
        _observe(new SentinelLost(Sentinel));
    }

    private static string Reason(Exception exception) =>
        exception switch
        {
            OperationCanceledException => $"no answer within {AnswerTimeout.TotalMilliseconds} ms.",
            IOException => exception.Message,
            _ => $"{exception.GetType().Name}.",
        };

    private async Task RunOnceAsync()
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token);
        using var events = await _dialer.DialAsync(Sentinel, ended.Token).ConfigureAwait(false);
        var isSubscribed = await TrySubscribeAsync(events.Resp, ended.Token).ConfigureAwait(false);
        using var questions = await _dialer.DialAsync(Sentinel, ended.Token).ConfigureAwait(false);

        var asking = AskAsync(questions.Resp, ended.Token);
        Task[] parts = isSubscribed ? [asking, ReadEventsAsync(events.Resp, ended.Token), PingAsync(events.Resp, ended.Token)] : [asking];
        var first = await Task.WhenAny(parts).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
    }

    // Without events there are still the questions: a new master is found within a second of its announcement, and a planned failover is a cut.
    private async Task<bool> TrySubscribeAsync(RespConnection events, CancellationToken cancellationToken)
    {
        string[] command = ["SUBSCRIBE", .. SentinelEventParser.Channels];
        using var timeout = Timeout(cancellationToken);
        await events.SendAsync(command, timeout.Token).ConfigureAwait(false);
        for (var confirmed = 1; confirmed < command.Length; confirmed++)
        {
            var reply = await events.ReadAsync(timeout.Token).ConfigureAwait(false);
            if (!reply.IsError)
                continue;
            var refused = _dialer.Refused(Sentinel, reply.Text!);
            if (!reply.Text!.StartsWith("NOPERM", StringComparison.Ordinal))
                throw refused;
            Log.SentinelNotSubscribed(_logger, Sentinel, refused.Message);
            return false;
        }

        return true;
    }

    private async Task ReadEventsAsync(RespConnection events, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The pings make something arrive each second; a link on which nothing does is dead, perhaps half open.
            using var timeout = Timeout(cancellationToken, PollPeriod);
            var pushed = await events.ReadAsync(timeout.Token).ConfigureAwait(false);
            if (pushed[0] != "message" || pushed[1] is not { } channel || pushed[2] is not { } text)
                continue;
            Log.SentinelSaid(_logger, Sentinel, _dialer.Shown(channel), _dialer.Shown(text));
            if (SentinelEventParser.Parse(Sentinel, _masterName, channel, text) is { } published)
                _observe(published);
        }
    }

    private static async Task PingAsync(RespConnection events, CancellationToken cancellationToken)
    {
        while (true)
        {
            await events.SendAsync(["PING"], cancellationToken).ConfigureAwait(false);
            await Task.Delay(PollPeriod, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AskAsync(RespConnection questions, CancellationToken cancellationToken)
    {
        var client = new SentinelClient(questions, Sentinel, _masterName, _dialer);
        while (true)
        {
            using (var timeout = Timeout(cancellationToken))
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
            Report(fault);
            return;
        }

        ReportQuorum(await client.GetQuorumFaultAsync(cancellationToken).ConfigureAwait(false)
            ?? (_aloneFor >= AlonePatience ? $"Sentinel {Sentinel} takes the master for down, and not enough others agree (sdown, no odown)." : null));
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
                Report(await client.ExplainUnknownMasterAsync(cancellationToken).ConfigureAwait(false));
                return false;
            }

            if (before!.Epoch != after.Epoch)
                continue;
            var isInTilt = await client.IsInTiltAsync(cancellationToken).ConfigureAwait(false);
            _aloneFor = after.Health == MasterHealth.SubjectivelyDown ? _aloneFor + 1 : 0;
            _replicas = after.Replicas ?? _replicas;

            // Until a failover has ended, what the sentinel says of the master's health is about the old one.
            var health = after.Address == address ? after.Health : MasterHealth.Up;
            _observe(new SentinelAnswered(Sentinel, address.Value, before.Epoch, isInTilt, health));
            Report(null);
            return true;
        }

        return false;
    }

    private void Report(ConvoyRedisConnectionException? fault)
    {
        var (wasAnswered, last) = (HasAnswered, Fault);
        (HasAnswered, Fault) = (fault is null, fault);
        if (fault is null && !wasAnswered)
            Log.SentinelLinked(_logger, Sentinel);
        else if (fault is not null && fault.Message != last?.Message)
            Log.SentinelLost(_logger, Sentinel, fault.Message, fault.IsFinal || fault.Fault == ConvoyRedisFault.NoMaster ? null : Cures.Sentinel);

        // A sentinel that names no master any more has no opinion.
        if (fault is not null && wasAnswered)
            _observe(new SentinelLost(Sentinel));
        _stateChanged();
    }

    private void ReportQuorum(string? fault)
    {
        var last = _quorumFault;
        _quorumFault = fault;
        if (fault is not null && last is null)
            Log.QuorumLost(_logger, fault, Cures.Quorum);
        else if (fault is null && last is not null)
            Log.QuorumRestored(_logger, Sentinel);
    }

    private static CancellationTokenSource Timeout(CancellationToken cancellationToken, TimeSpan more = default)
    {
        var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(AnswerTimeout + more);
        return timeout;
    }
}
