using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Contract;

/// <summary>A tunnel as small as can be, to see what StackExchange.Redis does with one.</summary>
internal sealed class RecordedTunnel(string host, int port) : StackExchange.Redis.Configuration.Tunnel, IDisposable
{
    private readonly ConcurrentQueue<(RecordedStream Stream, ConnectionType Type, long Timestamp)> _opened = [];
    private TaskCompletionSource _gate = Opened();

    /// <summary>The streams of command connections, in order, and when each was asked for.</summary>
    public IReadOnlyList<(RecordedStream Stream, ConnectionType Type, long Timestamp)> Commands =>
        [.. _opened.Where(opened => opened.Type == ConnectionType.Interactive)];

    /// <summary>From now on a connect waits until <see cref="Open"/>.</summary>
    public void Close() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _gate.TrySetResult();

    public override ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken) => default;

    public override async ValueTask<Stream?> BeforeAuthenticateAsync(
        EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        var asked = Stopwatch.GetTimestamp();
        await _gate.Task;
        var own = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await own.ConnectAsync(host, port, cancellationToken);
        var stream = new RecordedStream(own);
        _opened.Enqueue((stream, connectionType, asked));
        return stream;
    }

    public void Dispose()
    {
        Open();
        foreach (var (stream, _, _) in _opened)
            stream.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }
}
