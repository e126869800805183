using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>The subscription to a sentinel's events, over one connection.</summary>
/// <param name="connection">The connection to the sentinel.</param>
/// <param name="sentinel">The sentinel's address.</param>
/// <param name="masterName">The master whose events count.</param>
/// <param name="dialer">Explains what the sentinel refuses.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class SentinelSubscription(
    RespConnection connection, ConvoyRedisEndpoint sentinel, string masterName, NodeDialer dialer, ConnectionContext context)
{
    /// <summary>Subscribes, and waits until the subscription is confirmed.</summary>
    /// <returns>False if the ACL does not allow it: then the sentinel can only be polled.</returns>
    /// <exception cref="ConvoyRedisConnectionException">The sentinel refuses it for another reason.</exception>
    public async Task<bool> TrySubscribeAsync(CancellationToken cancellationToken)
    {
        string[] command = ["SUBSCRIBE", .. SentinelEventParser.Channels];
        using var timeout = new Deadline(SentinelLink.AnswerTimeout, context.Time, cancellationToken);
        await connection.SendAsync(command, timeout.Token).ConfigureAwait(false);
        for (var confirmed = 1; confirmed < command.Length; confirmed++)
        {
            var reply = await connection.ReadAsync(timeout.Token).ConfigureAwait(false);
            if (!reply.IsError)
                continue;
            var refused = dialer.Refused(sentinel, reply.Text!);
            if (!reply.Text!.StartsWith("NOPERM", StringComparison.Ordinal))
                throw refused;
            Log.SentinelNotSubscribed(context.Logger, sentinel, refused.Message);
            return false;
        }

        return true;
    }

    /// <summary>Reads events until the connection ends or is silent.</summary>
    public async Task ReadAsync(Action<SentinelEvent> observe, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The pings are answered each second; a connection without any answer is dead, perhaps half open.
            using var timeout = new Deadline(SentinelLink.AnswerTimeout + SentinelLink.PollPeriod, context.Time, cancellationToken);
            var pushed = await connection.ReadAsync(timeout.Token).ConfigureAwait(false);
            if (pushed[0] != "message" || pushed[1] is not { } channel || pushed[2] is not { } text)
                continue;
            Log.SentinelPublished(context.Logger, sentinel, dialer.Shown(channel), dialer.Shown(text));
            if (SentinelEventParser.Parse(sentinel, masterName, channel, text) is { } published)
                observe(published);
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
}
