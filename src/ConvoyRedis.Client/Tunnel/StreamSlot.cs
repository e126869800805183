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
/// <param name="isOfCluster">Whether the endpoint is a cluster's node.</param>
internal sealed class StreamSlot(ConnectionContext context, ConnectionType type, bool isOfCluster) : IDisposable
{
    // On a subscription stream, replies do not answer commands one by one.
    private readonly bool _isOfCommands = type == ConnectionType.Interactive;
    private readonly LoadedScripts _scripts = new();
    private readonly Lock _gate = new();
    private CancellationTokenSource? _attempt;
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
                var durations = _isOfCommands ? new CommandDurations(context.Telemetry) : null;
                return _stream = new NodeStream(transport, _scripts, scripts.Count, durations, context.Time, isOfCluster && _isOfCommands);
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
}
