using System.Collections.Concurrent;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// The subscription to a sentinel's events, over one connection. A sentinel that speaks RESP3 (Redis 6.0 and later) also answers questions there; any other
/// needs a second connection for them.
/// </summary>
/// <param name="connection">The connection to the sentinel.</param>
/// <param name="sentinel">The sentinel's address.</param>
/// <param name="masterName">The master whose events count.</param>
/// <param name="dialer">Explains what the sentinel refuses.</param>
/// <param name="denied">What the sentinel does not allow.</param>
/// <param name="observe">Called for each event; with null for one that matters only because it may change an answer.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class SentinelSubscription(
    RespConnection connection, ConvoyRedisEndpoint sentinel, string masterName, NodeDialer dialer, DeniedCommands denied, Action<SentinelEvent?> observe,
    ConnectionContext context)
{
    private readonly ConcurrentQueue<TaskCompletionSource<RespReply>> _asked = new();

    /// <summary>Whether questions can be asked over this connection.</summary>
    public bool IsForQuestions { get; private set; }

    /// <summary>Whether everything that changes an answer of the sentinel is told: nothing needs to be asked to find it out.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Asks for RESP3, and for the id by which other sentinels know this one.</summary>
    /// <returns>The id; null when the sentinel does not say.</returns>
    public async Task<string?> IntroduceAsync(CancellationToken cancellationToken)
    {
        using var timeout = new Deadline(SentinelLink.AnswerTimeout, context.Time, cancellationToken);
        var ask = denied.Asking(connection.ExecuteAsync);
        IsForQuestions = (await ask(["HELLO", "3"], timeout.Token).ConfigureAwait(false)).Field("proto") == "3";
        return await ask(SentinelCommands.Id, timeout.Token).ConfigureAwait(false) is { IsError: false } own ? own.Text : null;
    }

    /// <summary>Subscribes, and waits until the subscription is confirmed.</summary>
    /// <returns>False if the ACL does not allow it: then the sentinel can only be polled.</returns>
    /// <exception cref="ConvoyRedisConnectionException">The sentinel refuses it for another reason.</exception>
    public async Task<bool> TrySubscribeAsync(CancellationToken cancellationToken)
    {
        if (await RefusalAsync(SentinelEventParser.Channels, cancellationToken).ConfigureAwait(false) is { } refused)
        {
            Log.SentinelNotSubscribed(context.Logger, sentinel, refused.Message);
            return false;
        }

        IsComplete = await RefusalAsync(SentinelEventParser.OtherChannels, cancellationToken).ConfigureAwait(false) is null;
        return true;
    }

    /// <summary>Asks a question over this connection, while <see cref="ReadAsync"/> reads.</summary>
    public async Task<RespReply> ExecuteAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        // Whoever asked continues in the reader: that saves a switch of threads for each answer.
        var answer = new TaskCompletionSource<RespReply>();
        _asked.Enqueue(answer);
        await connection.SendAsync(command, cancellationToken).ConfigureAwait(false);
        return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads events, and answers to <see cref="ExecuteAsync"/>, until the connection ends or is silent.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Something is answered each second; a connection without any answer is dead, perhaps half open.
            using var timeout = new Deadline(SentinelLink.AnswerTimeout + SentinelLink.PollPeriod, context.Time, cancellationToken);
            var reply = await connection.ReadAsync(timeout.Token).ConfigureAwait(false);
            if (!IsForQuestions || reply.IsPush)
                Receive(reply);
            else if (_asked.TryDequeue(out var asked))
                asked.SetResult(reply);
        }
    }

    /// <summary>Pings the sentinel each second, so that a dead connection is noticed.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await connection.SendAsync(["PING"], cancellationToken).ConfigureAwait(false);
            await Task.Delay(SentinelLink.PollPeriod, context.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Null when they are subscribed to.
    private async Task<ConvoyRedisConnectionException?> RefusalAsync(IEnumerable<string> channels, CancellationToken cancellationToken)
    {
        string[] command = ["SUBSCRIBE", .. channels];
        if (denied.Of(command) is { } refusal)
            return dialer.Refused(sentinel, refusal.Text!);
        using var timeout = new Deadline(SentinelLink.AnswerTimeout, context.Time, cancellationToken);
        await connection.SendAsync(command, timeout.Token).ConfigureAwait(false);
        for (var confirmed = 1; confirmed < command.Length; confirmed++)
        {
            var reply = await connection.ReadAsync(timeout.Token).ConfigureAwait(false);
            if (reply.IsError)
            {
                var refused = dialer.Refused(sentinel, reply.Text!);
                denied.Note(command, reply);
                return DeniedCommands.IsDenial(reply) ? refused : throw refused;
            }

            // An event of what was subscribed to before.
            if (Receive(reply))
                confirmed--;
        }

        return null;
    }

    private bool Receive(RespReply pushed)
    {
        if (pushed[0] != "message" || pushed[1] is not { } channel || pushed[2] is not { } text)
            return false;
        Log.SentinelPublished(context.Logger, sentinel, dialer.Shown(channel), dialer.Shown(text));
        observe(SentinelEventParser.Parse(sentinel, masterName, channel, text));
        return true;
    }
}
