using System.Text;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// Holds one stream until it continues on another node or on its own. In every unexpected case, and at the deadline,
/// the stream is cut; nothing is guessed.
/// </summary>
internal sealed class StreamHandover : IDisposable
{
    private readonly Deadline _limit;
    private readonly NodeStream _stream;
    private readonly Func<ConvoyRedisEndpoint, CancellationToken, Task<NodeTransport>> _dial;
    private readonly Func<CancellationToken, Task<NodeTransport>>? _again;
    private readonly ConnectionContext _context;
    private readonly bool _isMasterReplaced;
    private readonly long _began;
    private readonly Task<(bool IsHeld, ReplicationHistory? History)> _held;

    /// <param name="stream">The stream.</param>
    /// <param name="dial">Connects to the next node, and checks that it is a master.</param>
    /// <param name="deadline">How long the stream may be held.</param>
    /// <param name="context">The clock and the log.</param>
    /// <param name="again">Connects to the stream's node once more, to ask what it is doing; null for nobody who lets its writers wait.</param>
    /// <param name="isMasterReplaced">Whether the next node replaces the present one as the master: then what it lacks is lost.</param>
    public StreamHandover(
        NodeStream stream, Func<ConvoyRedisEndpoint, CancellationToken, Task<NodeTransport>> dial, TimeSpan deadline, ConnectionContext context,
        Func<CancellationToken, Task<NodeTransport>>? again = null, bool isMasterReplaced = true)
    {
        (_again, _isMasterReplaced) = (again, isMasterReplaced);
        (_stream, _dial, _context) = (stream, dial, context);
        _began = context.Time.GetTimestamp();
        _limit = new Deadline(deadline, context.Time, stream.Ended);
        _held = HoldAsync();
    }

    /// <summary>Continues the stream on another node.</summary>
    /// <returns>
    /// The number of acknowledged bytes that may be lost; null if unknown, or if the stream was cut. It is also cut for a loss, rather than to pass on the last replies.
    /// </returns>
    public async Task<long?> CompleteAsync(ConvoyRedisEndpoint node)
    {
        var (isHeld, before) = await _held.ConfigureAwait(false);
        if (!isHeld)
            return null;
        long? lost = null;
        try
        {
            var next = await _dial(node, _limit.Token).ConfigureAwait(false);
            try
            {
                var after = await ReplicationHistory.AskAsync(next.Resp, _limit.Token).ConfigureAwait(false);
                lost = after is null ? null : before?.MissingFrom(after);
                if (lost > 0 && _isMasterReplaced && _stream.TryDropReplies())
                    throw new IOException($"{node} lacks {lost} bytes of it, and the last replies may acknowledge these.");
                await ReplayAsync(next).ConfigureAwait(false);
                _stream.Resume(next);
            }
            catch
            {
                next.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            Cut(exception);
            return lost > 0 ? lost : null;
        }

        NoteEnd("handed_over");
        return lost;
    }

    /// <summary>Continues the stream on its own node.</summary>
    public async Task ReleaseAsync()
    {
        if (!(await _held.ConfigureAwait(false)).IsHeld)
            return;
        _stream.Resume(null);
        NoteEnd("released");
    }

    public void Dispose() => _limit.Dispose();

    private async Task<(bool IsHeld, ReplicationHistory? History)> HoldAsync()
    {
        try
        {
            if (!await _stream.HoldAsync(_limit.Token, IsPausingAsync).ConfigureAwait(false))
                throw new IOException(_stream.Session.Unfit is { } why ? $"its session cannot be moved: {why}." : "it gave an unexpected reply.");
            var asking = ReplicationHistory.AskAsync(_stream.Transport.Resp, _limit.Token);
            return (true, await NodeSilence.WaitAsync(asking, static () => true, _context.Time, _limit.Token).ConfigureAwait(false));
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            Cut(exception);
            return (false, null);
        }
    }

    // In a failover that it conducts itself (FAILOVER), a master lets its writers wait until a replica has all of their writes.
    private async Task<bool> IsPausingAsync()
    {
        if (_again is null)
            return false;
        using var transport = await _again(_limit.Token).ConfigureAwait(false);
        var info = NodeInfo.From(await transport.Resp.ExecuteAsync(["INFO", "replication"], _limit.Token).ConfigureAwait(false));
        return info?["master_failover_state"] is not (null or "no-failover");
    }

    private async Task ReplayAsync(NodeTransport next)
    {
        var commands = _stream.Session.Replay;
        await next.Resp.SendAllAsync(commands, _limit.Token).ConfigureAwait(false);
        foreach (var command in commands)
        {
            var reply = await next.Resp.ReadAsync(_limit.Token).ConfigureAwait(false);
            if (!reply.IsError)
                continue;
            var name = Encoding.ASCII.GetString(command[0]);

            // The code alone: an error of SCRIPT LOAD quotes the script.
            if (SessionState.IsNeeded(command))
                throw new IOException($"Replaying the session on the new master failed: {name} was answered with {ServerText.Code(reply.Text!)}.");
            Log.ReplayRefused(_context.Logger, next.Node, name);
        }
    }

    private void Cut(Exception exception)
    {
        Log.HandoverFailed(_context.Logger, _stream.Node, exception.Message);
        _stream.Abort();
        NoteEnd("cut");
    }

    // A stream that another move has ended in the meantime was not handed over.
    private void NoteEnd(string outcome) =>
        _context.Telemetry.HoldEnded(_stream.IsAborted ? "cut" : outcome, _context.Time.GetElapsedTime(_began));

    private static bool IsFailure(Exception exception) =>
        exception is IOException or TimeoutException or OperationCanceledException or ConvoyRedisConnectionException or ObjectDisposedException;
}
