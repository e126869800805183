using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tunnel.Handover;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// One endpoint and connection type: its live stream, the attempt to open the next one, and what survives the streams: the scripts that
/// StackExchange.Redis believes to be loaded there.
/// </summary>
/// <param name="context">The clock and the metrics.</param>
/// <param name="type">The connection type.</param>
/// <param name="redirect">Asks other nodes, for the command stream of a cluster's node; null elsewhere.</param>
/// <param name="isVeiled">Whether StackExchange.Redis must take the node for a replica.</param>
/// <param name="plan">For streams to a master: what to do when it refuses writes.</param>
internal sealed class StreamSlot(
    ConnectionContext context, ConnectionType type, AskRedirect? redirect, bool isVeiled = false, Func<DialPlan>? plan = null) : IDisposable
{
    /// <summary>
    /// Over how long the processes of a fleet open the streams that can wait: a master just promoted has the commands to serve. A millisecond for each
    /// connection that it serves.
    /// </summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan WaitPerClient = TimeSpan.FromMilliseconds(1);

    // On a subscription stream, replies do not answer commands one by one.
    private readonly bool _isOfCommands = type == ConnectionType.Interactive;
    private readonly LoadedScripts _scripts = new();
    private readonly Lock _gate = new();
    private CancellationTokenSource? _attempt;
    private CancellationTokenSource? _hasWaited;
    private NodeStream? _stream;

    /// <summary>The stream that is in use, if there is one.</summary>
    public NodeStream? Live
    {
        get
        {
            lock (_gate)
                return _stream is { IsAborted: false } live ? live : null;
        }
    }

    /// <summary>Whether there has been a stream, alive or not.</summary>
    public bool HasServed
    {
        get
        {
            lock (_gate)
                return _stream is not null;
        }
    }

    /// <summary>A new attempt begins: the previous stream, or an earlier attempt in progress, is dead or abandoned.</summary>
    public void Supersede(CancellationTokenSource attempt)
    {
        lock (_gate)
        {
            _attempt?.Cancel();
            _attempt = attempt;
        }

        Dispose();
    }

    /// <summary>Waits, for a random time, before a stream that is not of commands is opened again; once in an attempt.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task LetOthersGoFirstAsync(CancellationTokenSource attempt, ServedClients served, CancellationToken cancellationToken)
    {
        if (_isOfCommands || !HasServed || _hasWaited == attempt)
            return;
        await Task.Delay(served.Share(WaitPerClient, TimeSpan.Zero, LongestWait) * Random.Shared.NextDouble(), context.Time, cancellationToken).ConfigureAwait(false);
        _hasWaited = attempt;
    }

    /// <summary>
    /// Creates a stream for the connection of an attempt, unless a newer attempt has begun. The node may lack the endpoint's scripts:
    /// they are sent before all commands, and the stream does not pass on their replies, so that nobody waits for them.
    /// </summary>
    public async Task<NodeStream> AdoptAsync(CancellationTokenSource attempt, NodeTransport transport, CancellationToken cancellationToken)
    {
        var scripts = _scripts.Commands;
        try
        {
            if (scripts.Count > 0)
                await transport.Resp.SendAllAsync(scripts, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The connection has ended, as its first reader will see.
        }
        catch
        {
            // A part of a command may have been sent: the connection cannot be used any more.
            transport.Dispose();
            throw;
        }

        lock (_gate)
        {
            if (_attempt == attempt && !attempt.IsCancellationRequested)
            {
                var durations = _isOfCommands ? new CommandDurations(context.Telemetry, isVeiled) : null;
                return _stream = _isOfCommands
                    ? new NodeStream(transport, _scripts, scripts.Count, durations, context.Time, redirect, isVeiled, plan?.Invoke().WritesRefused is { } refused ? () => OnRefused(refused) : null)
                    : new NodeStream(transport, _scripts, scripts.Count, durations, context.Time);
            }
        }

        transport.Dispose();
        throw new OperationCanceledException(attempt.Token);
    }

    /// <summary>An attempt has ended.</summary>
    public void Withdraw(CancellationTokenSource attempt)
    {
        lock (_gate)
        {
            if (_attempt == attempt)
                _attempt = null;
        }
    }

    /// <summary>Ends the live stream.</summary>
    public void Dispose() => AbortUnlessTo(null);

    /// <summary>Ends the live stream unless it is connected to this node.</summary>
    public void AbortUnlessTo(ConvoyRedisEndpoint? node)
    {
        NodeStream? stream;
        lock (_gate)
            stream = _stream;
        if (stream is not null && stream.Node != node)
            stream.Abort();
    }

    // What is kept back is held no longer than a stream: its end passes the refusals on. The deadline is of this refusal alone: the next one has its own, and
    // what is written to the next master by then is not cut off.
    private void OnRefused(Action refused)
    {
        refused();
        if (Live is { } stream)
            _ = EndRefusedAsync(stream, plan!().HoldDeadline);
    }

    private async Task EndRefusedAsync(NodeStream stream, TimeSpan deadline)
    {
        var refusal = (stream.Node, stream.TimesRefused);
        await Task.Delay(deadline, context.Time, stream.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stream.HasRefusedWrites && (stream.Node, stream.TimesRefused) == refusal)
            stream.Abort();
    }
}
