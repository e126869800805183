using System.Net;
using System.Net.Sockets;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>One address in front of several servers, as a Kubernetes Service or a load balancer has it: each connection reaches the next of them.</summary>
internal sealed class ServiceName : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _disposed = new();
    private readonly List<RedisServer> _servers;
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _serving = [];
    private readonly Task _accepting;
    private int _connections;

    public ServiceName(IEnumerable<RedisServer> servers)
    {
        _servers = [.. servers];
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"{_listener.LocalEndpoint}";

    /// <summary>How many connections were made.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Ends every connection that stands.</summary>
    public void DropConnections()
    {
        lock (_sockets)
            _sockets.ForEach(socket => socket.Close(0));
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        _listener.Stop();
        DropConnections();
        await _accepting;
        await Task.WhenAll(_serving);
        _disposed.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_disposed.Token);
                _serving.Add(ServeAsync(client, _servers[_connections % _servers.Count]));
                Interlocked.Increment(ref _connections);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket client, RedisServer target)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        lock (_sockets)
            _sockets.AddRange([client, server]);
        try
        {
            await server.ConnectAsync(target.Host, target.Port, _disposed.Token);
            await using var ours = new NetworkStream(client);
            await using var theirs = new NetworkStream(server);
            await Task.WhenAny(ours.CopyToAsync(theirs, _disposed.Token), theirs.CopyToAsync(ours, _disposed.Token));
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Either end has gone.
        }
        finally
        {
            client.Close(0);
            server.Close(0);
        }
    }
}
