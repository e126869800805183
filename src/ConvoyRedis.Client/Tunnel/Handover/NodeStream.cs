using System.Net.Sockets;
using System.Runtime.CompilerServices;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// The stream that StackExchange.Redis reads and writes: plain RESP to one node at a time. StackExchange.Redis never disposes it, so its
/// owner ends it with <see cref="Abort"/>. Then every read returns end-of-file, which makes StackExchange.Redis fail the commands in
/// flight and reconnect at once, even if the node hangs. Alternatively, it is held at a command boundary and then continues
/// over another transport, and StackExchange.Redis does not notice (docs/architecture.md, "The handover").
/// </summary>
internal sealed class NodeStream : AsyncDuplexStream
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly CommandScanner _commands;
    private readonly ReplyFilter _replies;
    private readonly CommandDurations? _durations;
    private readonly int _ownReplies;
    private readonly TimeProvider _time;
    private readonly WriteTurn _turn = new();
    private readonly WithheldReplies _withheld = new();
    private readonly ReadActivity _activity = new();
    private readonly IRefusals? _refusals;
    private readonly ReplicaVeil? _veil;
    private volatile DrainMarker? _marker;
    private volatile NodeTransport _transport;
    private volatile bool _isReaderDone;
    private int _aborted;

    /// <param name="transport">The first transport; it belongs to the stream from now on.</param>
    /// <param name="scripts">The scripts of the endpoint.</param>
    /// <param name="ownReplies">The number of outstanding replies to the library's own commands: they come first, and are not passed on.</param>
    /// <param name="durations">Receives each command and reply; null if they do not correspond one to one.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="redirect">Asks other nodes of the cluster; null elsewhere, and where replies do not answer commands one by one.</param>
    /// <param name="isVeiled">Whether StackExchange.Redis must take the node for a replica (<see cref="ReplicaVeil"/>).</param>
    /// <param name="writesRefused">Called when a master refuses writes: its replies are kept back until the stream continues on the next one; null to pass them on.</param>
    public NodeStream(
        NodeTransport transport, LoadedScripts scripts, int ownReplies, CommandDurations? durations = null, TimeProvider? time = null,
        AskRedirect? redirect = null, bool isVeiled = false, Action? writesRefused = null)
    {
        _veil = isVeiled ? new ReplicaVeil() : null;
        _transport = transport;
        _commands = new CommandScanner(new SessionState(scripts));
        _ownReplies = ownReplies;
        _replies = new ReplyFilter(ownReplies, _commands.Session, durations);
        _durations = durations;
        _time = time ?? TimeProvider.System;
        _refusals = redirect is not null ? new ClusterRefusals(redirect, _time) : writesRefused is not null ? new RefusedWrites(writesRefused, _time) : null;
    }

    /// <summary>The node at the other end, as it is announced.</summary>
    public ConvoyRedisEndpoint Node => _transport.Node;

    /// <summary>Whether <see cref="Abort"/> ended this stream.</summary>
    public bool IsAborted => Volatile.Read(ref _aborted) != 0;

    /// <summary>Cancelled when <see cref="Abort"/> ends this stream.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>The session that must be replayed on another node before the stream can continue there. It does not change while the stream is held.</summary>
    public SessionState Session => _commands.Session;

    /// <summary>The transport, for own commands while the stream is held.</summary>
    public NodeTransport Transport => _transport;

    /// <summary>Whether the node has refused writes, so that the stream waits for the next master.</summary>
    public bool HasRefusedWrites => _refusals is RefusedWrites { IsDue: true };

    /// <inheritdoc cref="RefusedWrites.Times"/>
    public int TimesRefused => (_refusals as RefusedWrites)?.Times ?? 0;

    /// <inheritdoc cref="ReadActivity.IsSilent"/>
    public bool IsSilent() => _activity.IsSilent(isOwed: _commands.Completed > _replies.Answered);

    /// <summary>Ends the stream from this side at once, held or not.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            if (_aborted != 0)
                return;
            Volatile.Write(ref _aborted, 1);
        }

        _transport.Dispose();
        _ended.Cancel();
        _marker?.End();
    }

    /// <summary>
    /// Holds the stream at the next command boundary: nothing more is written, and every command has its reply. Writes
    /// do not complete while it is held.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="isPausing">Whether the node lets its writers wait: then it may be silent.</param>
    /// <returns>
    /// Whether it is held. If not (the session cannot be moved, or the connection has ended), it can only be aborted.
    /// </returns>
    /// <exception cref="TimeoutException">The node does not answer; the stream can only be aborted.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled, or the stream ended.</exception>
    public async Task<bool> HoldAsync(CancellationToken cancellationToken, Func<Task<bool>>? isPausing = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        await _turn.TakeAsync(limit.Token).ConfigureAwait(false);
        if (_commands.Session.Unfit is not null || _replies.IsLost)
            return false;
        _withheld.Begin(areExpected: _commands.Completed > _replies.Answered);
        var marker = new DrainMarker(_ownReplies + _commands.Completed);
        _marker = marker;
        if (_isReaderDone)
            return false;
        await _transport.Stream.WriteAsync(marker.Command, limit.Token).ConfigureAwait(false);
        await _transport.Stream.FlushAsync(limit.Token).ConfigureAwait(false);
        return await NodeSilence.WaitAsync(marker.Drained, _activity.Watch(), _time, limit.Token, isPausing).ConfigureAwait(false);
    }

    /// <summary>Never passes on the replies since the stream was held, which can then only be aborted; false if none were due.</summary>
    public bool TryDropReplies() => _withheld.TryDrop();

    /// <summary>Continues a held stream, over another transport or, without one, over its own.</summary>
    /// <param name="next">The other transport, with the replayed session; it belongs to the stream from now on.</param>
    public void Resume(NodeTransport? next)
    {
        var previous = _transport;
        lock (_gate)
        {
            if (_aborted != 0)
            {
                next?.Dispose();
                return;
            }

            if (next is not null)
                _transport = next;
        }

        var isWrittenAgain = (_refusals as RefusedWrites)?.TryMove(isElsewhere: next is not null) == true;
        var marker = _marker;
        _marker = null;
        marker?.End();
        if (!isWrittenAgain)
            _turn.Return();
        if (next is not null)
            previous.Dispose();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!IsAborted)
        {
            if (_marker is { Drained.IsCompleted: true } marker)
                await marker.Resumed.ConfigureAwait(false);
            if (_withheld.Take(buffer.Span, isHeld: _marker is not null) is > 0 and var kept)
                return kept;
            try
            {
                if (_refusals is ClusterRefusals { IsDue: true } cluster)
                    await cluster.SettleAsync(_transport.Stream, _turn, _replies, _commands, _ended.Token).ConfigureAwait(false);
                var refused = _refusals as RefusedWrites;
                if (refused is { IsMoved: true })
                    await refused.SettleAsync(_transport, _turn, _ended.Token).ConfigureAwait(false);
                if (refused?.TakeSettled(buffer.Span, isEnd: false) is > 0 and var settled)
                    return settled;
                var isRefused = refused is { IsDue: true };
                _activity.Begin();
                var again = _refusals?.Take(buffer.Span) ?? 0;
                var read = again > 0 ? again : await _transport.Stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                _activity.End(read);
                var held = _marker;
                var delivered = read == 0 ? 0 : _replies.Filter(buffer.Span[..read], held, Node, again > 0 || isRefused ? null : _refusals);
                _refusals?.Answered(_replies.Answered);
                if (delivered > 0 && isRefused)
                    refused!.Keep(buffer.Span[..delivered]);
                else if (delivered > 0 && (held is null || !_withheld.TryKeep(buffer.Span[..delivered])))
                    return delivered;
                if (read == 0)
                    break;
            }
            catch (Exception exception) when (IsEndOfConnection(exception))
            {
                break;
            }
        }

        _isReaderDone = true;
        _marker?.Fail();
        _durations?.Lost(Node);
        var last = _withheld.Take(buffer.Span, isHeld: false);
        return last > 0 || _withheld.AreLost ? last : (_refusals as RefusedWrites)?.TakeSettled(buffer.Span, isEnd: true) ?? 0;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _commands.Durations = _durations is { AreWanted: true } ? _durations : null;
        _commands.Durations?.BeginWriting();
        try
        {
            buffer = _veil?.Begin(buffer) ?? buffer;
            var mayAsk = _veil is not null && ReplicaVeil.MayAsk(buffer.Span);
            while (!buffer.IsEmpty)
            {
                var isBegin = mayAsk && _commands.IsBetweenCommands;
                if (isBegin && _veil!.TryKeep(buffer.Span))
                    break;
                var covered = isBegin ? ReplicaVeil.Cover(buffer.Span) : null;
                await _turn.BeginAsync(_ended.Token).ConfigureAwait(false);
                var length = _commands.Advance(buffer.Span, stopAtRest: mayAsk || _turn.IsWanted);
                _refusals?.Written(buffer.Span[..length], _commands);
                await _transport.Stream.WriteAsync(covered ?? buffer[..length], cancellationToken).ConfigureAwait(false);
                buffer = buffer[length..];
                if (_commands.IsAtRest)
                    _turn.End();
            }
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            throw new IOException(
                IsAborted ? $"The connection to {Node} was closed by this library." : $"The connection to {Node} ended: {exception.Message}", exception);
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _transport.Stream.FlushAsync(cancellationToken);

    public override void Flush() => _transport.Stream.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Abort();
            _turn.Dispose();
        }

        base.Dispose(disposing);
    }

    // A connection that was reset, or that we aborted, has ended: to a reader that is end-of-file, not an internal fault.
    private bool IsEndOfConnection(Exception exception) =>
        exception is IOException or SocketException
        || (IsAborted && exception is ObjectDisposedException or InvalidOperationException or OperationCanceledException);
}
