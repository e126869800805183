using System.Net;
using System.Net.Sockets;

namespace ConvoyRedis.Testing;

/// <summary>A network link that a test can cut or freeze: it listens on a loopback port, and passes everything on to a server.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private const int BufferBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _disposed = new();
    private readonly List<Task> _tasks = [];
    private TaskCompletionSource _flowing = Open();
    private (string Host, int Port) _target;
    private bool _isCut;

    private TcpProxy(IPEndPoint listenOn, string host, int port)
    {
        _listener = new TcpListener(listenOn);
        _target = (host, port);
        _listener.Start();
        _tasks.Add(Task.Run(AcceptAsync));
    }

    /// <summary>The host to connect to.</summary>
    public string Host => ((IPEndPoint)_listener.LocalEndpoint).Address.ToString();

    /// <summary>The port to connect to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The number of open connections.</summary>
    public int ConnectionCount
    {
        get
        {
            lock (_gate)
                return _sockets.Count / 2;
        }
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="targetHost">The host to pass on to.</param>
    /// <param name="targetPort">The port to pass on to.</param>
    public static TcpProxy Start(string targetHost, int targetPort) => Start(new IPEndPoint(IPAddress.Loopback, 0), targetHost, targetPort);

    internal static TcpProxy Start(IPEndPoint listenOn, string targetHost, int targetPort) => new(listenOn, targetHost, targetPort);

    /// <summary>Ends all connections; new ones are ended as soon as they are made.</summary>
    public void Cut()
    {
        lock (_gate)
            _isCut = true;
        DropConnections();
    }

    /// <summary>Keeps connections open and passes nothing on, as a network does that drops packets.</summary>
    public void Freeze()
    {
        lock (_gate)
        {
            if (_flowing.Task.IsCompleted)
                _flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Ends a cut or a freeze; what was frozen is passed on now.</summary>
    public void Restore()
    {
        lock (_gate)
        {
            _isCut = false;
            _flowing.TrySetResult();
        }
    }

    /// <summary>Passes new connections on to another server. Open connections stay with the former one, as when a DNS name moves.</summary>
    /// <param name="targetHost">The host to pass on to.</param>
    /// <param name="targetPort">The port to pass on to.</param>
    public void Retarget(string targetHost, int targetPort)
    {
        lock (_gate)
            _target = (targetHost, targetPort);
    }

    /// <summary>Ends all open connections.</summary>
    public void DropConnections()
    {
        List<Socket> sockets;
        lock (_gate)
            sockets = [.. _sockets];
        foreach (var socket in sockets)
            socket.Close(0);
    }

    /// <summary>Closes all connections, and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        Cut();
        List<Task> tasks;
        lock (_gate)
            tasks = [.. _tasks];
        await Task.WhenAll(tasks).ConfigureAwait(false);
        _listener.Dispose();
        _disposed.Dispose();
    }

    private static TaskCompletionSource Open()
    {
        var flowing = new TaskCompletionSource();
        flowing.SetResult();
        return flowing;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_disposed.Token).ConfigureAwait(false);
                lock (_gate)
                {
                    _tasks.RemoveAll(task => task.IsCompleted);
                    _tasks.Add(Task.Run(() => ServeAsync(client)));
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            (string Host, int Port) target;
            lock (_gate)
            {
                target = _target;
                if (_isCut)
                    return;
                _sockets.UnionWith([client, server]);
            }

            await server.ConnectAsync(target.Host, target.Port, _disposed.Token).ConfigureAwait(false);
            await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client)).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The server is away, or the link was cut: the client sees its connection end.
        }
        finally
        {
            lock (_gate)
                _sockets.ExceptWith([client, server]);
            client.Close(0);
            server.Close(0);
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (await from.ReceiveAsync(buffer, _disposed.Token).ConfigureAwait(false) is > 0 and var read)
            {
                Task flowing;
                lock (_gate)
                    flowing = _flowing.Task;
                await flowing.WaitAsync(_disposed.Token).ConfigureAwait(false);
                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _disposed.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either end has gone.
        }
    }
}
