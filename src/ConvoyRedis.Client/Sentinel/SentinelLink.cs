using System.Globalization;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
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
    public SentinelLink(
        ConvoyRedisEndpoint sentinel,
        string masterName,
        NodeDialer dialer,
        Action<SentinelObservation> observe,
        Action<SentinelLink, IReadOnlyList<SentinelPeer>> listed,
        Action stateChanged,
        ILogger logger)
    {
        Sentinel = sentinel;
        (_masterName, _dialer, _observe, _listed, _stateChanged, _logger) = (masterName, dialer, observe, listed, stateChanged, logger);
        _running = Task.Run(RunAsync);
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

    private async Task RunAsync()
    {
        var backoff = new Backoff(FirstPause, LongestPause);
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(() => backoff.Reset()).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ConvoyRedisConnectionException)
            {
                if (_disposed.IsCancellationRequested)
                    return;
                Report(exception as ConvoyRedisConnectionException ?? new ConvoyRedisConnectionException(
                    ConvoyRedisFault.Unreachable, $"Sentinel {Sentinel}: {Reason(exception)}", exception));
                _observe(new SentinelLost(Sentinel));
                await Task.Delay(backoff.Next(), _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static string Reason(Exception exception) =>
        exception is OperationCanceledException ? $"no answer within {AnswerTimeout.TotalMilliseconds} ms." : exception.Message;

    private async Task RunOnceAsync(Action answered)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token);
        using var events = await _dialer.DialAsync(Sentinel, ended.Token).ConfigureAwait(false);
        var isSubscribed = await TrySubscribeAsync(events.Resp, ended.Token).ConfigureAwait(false);
        using var questions = await _dialer.DialAsync(Sentinel, ended.Token).ConfigureAwait(false);

        var asking = AskAsync(questions.Resp, answered, ended.Token);
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
            Log.SentinelSaid(_logger, Sentinel, channel, text);
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

    private async Task AskAsync(RespConnection questions, Action answered, CancellationToken cancellationToken)
    {
        while (true)
        {
            using (var timeout = Timeout(cancellationToken))
                await AskOnceAsync(questions, answered, timeout.Token).ConfigureAwait(false);
            await _question.WaitAsync(PollPeriod, cancellationToken).ConfigureAwait(false);
        }
    }

    // Address and epoch come from two commands: an answer counts when the epoch is the same before and after the address.
    private async Task AskOnceAsync(RespConnection questions, Action answered, CancellationToken cancellationToken)
    {
        var epoch = await EpochAsync(questions, cancellationToken).ConfigureAwait(false);
        while (epoch is { } before)
        {
            var address = await questions.ExecuteAsync(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", _masterName], cancellationToken)
                .ConfigureAwait(false);
            epoch = await EpochAsync(questions, cancellationToken).ConfigureAwait(false);
            if (epoch != before || address[0] is not { } host || !TryPort(address[1], out var port))
                continue;
            var isInTilt = await IsInTiltAsync(questions, cancellationToken).ConfigureAwait(false);
            answered();
            _observe(new SentinelAnswered(Sentinel, new ConvoyRedisEndpoint(host, port), before, isInTilt));
            Report(null);
            await AskForPeersAsync(questions, cancellationToken).ConfigureAwait(false);
            return;
        }

        var masters = await questions.ExecuteAsync(["SENTINEL", "MASTERS"], cancellationToken).ConfigureAwait(false);
        Report(UnknownMaster.Explain(Sentinel, _masterName, masters));
    }

    private static async Task<bool> IsInTiltAsync(RespConnection questions, CancellationToken cancellationToken)
    {
        var info = await questions.ExecuteAsync(["INFO", "sentinel"], cancellationToken).ConfigureAwait(false);
        return !info.IsError && info.Text!.Contains("sentinel_tilt:1", StringComparison.Ordinal);
    }

    private async Task AskForPeersAsync(RespConnection questions, CancellationToken cancellationToken)
    {
        var quorum = await questions.ExecuteAsync(["SENTINEL", "CKQUORUM", _masterName], cancellationToken).ConfigureAwait(false);
        ReportQuorum(quorum.IsError && quorum.Text!.StartsWith("NOQUORUM", StringComparison.Ordinal) ? quorum.Text
            : _aloneFor >= AlonePatience ? $"Sentinel {Sentinel} takes the master for down, and not enough others agree (sdown, no odown)." : null);
        Id = await questions.ExecuteAsync(["SENTINEL", "MYID"], cancellationToken).ConfigureAwait(false) is { IsError: false } own ? own.Text : null;
        var peers = await questions.ExecuteAsync(["SENTINEL", "SENTINELS", _masterName], cancellationToken).ConfigureAwait(false);
        if (peers.IsError)
            return;
        _listed(this,
        [
            .. from peer in peers.Items
               let id = peer.Field("runid")
               let host = peer.Field("ip")
               where id is { Length: > 0 } && host is { Length: > 0 } && TryPort(peer.Field("port"), out _)
               select new SentinelPeer(id, new ConvoyRedisEndpoint(host, int.Parse(peer.Field("port")!, CultureInfo.InvariantCulture))),
        ]);
    }

    private async Task<long?> EpochAsync(RespConnection questions, CancellationToken cancellationToken)
    {
        var master = await questions.ExecuteAsync(["SENTINEL", "MASTER", _masterName], cancellationToken).ConfigureAwait(false);
        if (master.IsError && !master.Text!.Contains("No such master", StringComparison.OrdinalIgnoreCase))
            throw _dialer.Refused(Sentinel, master.Text);
        var flags = master.Field("flags") ?? "";
        var isAlone = flags.Contains("s_down", StringComparison.Ordinal) && !flags.Contains("o_down", StringComparison.Ordinal);
        _aloneFor = isAlone ? _aloneFor + 1 : 0;
        if (int.TryParse(master.Field("num-slaves"), NumberStyles.None, CultureInfo.InvariantCulture, out var replicas))
            _replicas = replicas;
        return master.Field("config-epoch") is { } epoch ? long.Parse(epoch, CultureInfo.InvariantCulture) : null;
    }

    private static bool TryPort(string? text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    private void Report(ConvoyRedisConnectionException? fault)
    {
        var (wasAnswered, last) = (HasAnswered, Fault);
        (HasAnswered, Fault) = (fault is null, fault);
        if (fault is null && !wasAnswered)
            Log.SentinelLinked(_logger, Sentinel);
        else if (fault is not null && fault.Message != last?.Message)
            Log.SentinelLost(_logger, Sentinel, fault.Message, fault.IsFinal ? null : Cures.Sentinel);
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
