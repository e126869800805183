using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Gives StackExchange.Redis its streams. The logical endpoint leads to whichever node the <see cref="MasterPointer"/> names, and only
/// to a node whose ROLE is master; any other endpoint (a cluster's nodes) is dialled as given. The tunnel owns the streams: at most one
/// lives per endpoint and connection type, and moving the pointer aborts those that lead elsewhere, upon which StackExchange.Redis
/// reconnects at once, through here.
/// </summary>
internal sealed class MasterTunnel : Tunnel, IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(EndPoint, ConnectionType), StreamSlot> _slots = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly EndPoint? _logical;
    private readonly MasterPointer _pointer;
    private readonly MasterDialer _masterDialer;
    private readonly NodeDialer _dialer;
    private readonly ILogger _logger;
    private int _waiting;

    /// <param name="logical">The endpoint that stands for the master; null when every endpoint is dialled as given.</param>
    /// <param name="pointer">Where the logical endpoint leads.</param>
    /// <param name="masterDialer">Dials the node that the pointer names, and checks its role.</param>
    /// <param name="dialer">Dials any other endpoint.</param>
    /// <param name="logger">Told of each failed attempt.</param>
    public MasterTunnel(EndPoint? logical, MasterPointer pointer, MasterDialer masterDialer, NodeDialer dialer, ILogger logger)
    {
        (_logical, _pointer, _masterDialer, _dialer, _logger) = (logical, pointer, masterDialer, dialer, logger);
        _pointer.Moved += AbortStreamsToOthers;
    }

    /// <summary>Whether a connect waits in here for the master: StackExchange.Redis must not dial beside it.</summary>
    public bool IsWaiting => Volatile.Read(ref _waiting) > 0;

    /// <summary>The streams that are in use.</summary>
    public int LiveStreams => _slots.Values.Count(slot => slot.IsLive);

    public override ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken) => default;

    // The token that StackExchange.Redis passes is always None: a connect ends here by being superseded or by disposal.
    public override async ValueTask<Stream?> BeforeAuthenticateAsync(
        EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        var slot = _slots.GetOrAdd((endpoint, connectionType), static _ => new StreamSlot());
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        slot.Supersede(attempt);
        try
        {
            return endpoint.Equals(_logical)
                ? await OpenToMasterAsync(slot, attempt).ConfigureAwait(false)
                : slot.Adopt(attempt, await _dialer.DialAsync(ToNode(endpoint), attempt.Token).ConfigureAwait(false));
        }
        finally
        {
            slot.Withdraw(attempt);
        }
    }

    /// <summary>Ends every stream and every wait.</summary>
    public void Dispose()
    {
        if (_disposed.IsCancellationRequested)
            return;
        _disposed.Cancel();
        _pointer.Moved -= AbortStreamsToOthers;
        foreach (var slot in _slots.Values)
            slot.Dispose();
    }

    private async Task<NodeStream> OpenToMasterAsync(StreamSlot slot, CancellationTokenSource attempt)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            var backoff = new Backoff(FirstPause, LongestPause);
            while (true)
            {
                var (master, movedAway) = await _pointer.WaitAsync(attempt.Token).ConfigureAwait(false);
                using var current = CancellationTokenSource.CreateLinkedTokenSource(attempt.Token, movedAway);
                try
                {
                    var stream = slot.Adopt(attempt, await _masterDialer.DialAsync(master, current.Token).ConfigureAwait(false));
                    if (_pointer.Node == master)
                        return stream;
                    stream.Abort();
                }
                catch (ConvoyRedisConnectionException exception) when (!exception.IsFinal)
                {
                    Log.MasterNotReady(_logger, master, exception.Message);
                    await PauseAsync(backoff.Next(), current.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!attempt.IsCancellationRequested)
                {
                    backoff.Reset();
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    // A move of the pointer ends the pause early; that is not an error.
    private static async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        await Task.Delay(pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void AbortStreamsToOthers()
    {
        var master = _pointer.Node;
        foreach (var ((endpoint, _), slot) in _slots)
        {
            if (endpoint.Equals(_logical))
                slot.AbortUnlessTo(master);
        }
    }

    private static ConvoyRedisEndpoint ToNode(EndPoint endpoint) => endpoint switch
    {
        DnsEndPoint dns => new ConvoyRedisEndpoint(dns.Host, dns.Port),
        IPEndPoint ip => new ConvoyRedisEndpoint(ip.Address.ToString(), ip.Port),
        _ => throw new NotSupportedException($"An endpoint of type {endpoint.GetType().Name} cannot be dialled."),
    };
}
