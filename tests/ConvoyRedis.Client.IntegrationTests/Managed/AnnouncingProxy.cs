using System.Net;
using System.Net.Sockets;
using System.Text;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>
/// A server in front of Redis that announces its maintenance, as the proxy of Redis Software does: it accepts CLIENT MAINT_NOTIFICATIONS and pushes what
/// a test says to those who sent it. Everything else is Redis's.
/// </summary>
internal sealed class AnnouncingProxy : IAsyncDisposable
{
    private const int BufferBytes = 16 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<NetworkStream> _subscribed = [];
    private readonly List<TcpClient> _clients = [];
    private readonly RedisServer _server;
    private readonly Task _accepting;

    public AnnouncingProxy(RedisServer server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Host => ((IPEndPoint)_listener.LocalEndpoint).Address.ToString();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections asked for announcements.</summary>
    public int Subscribed
    {
        get
        {
            lock (_gate)
                return _subscribed.Count;
        }
    }

    /// <summary>Announces that the endpoint moves.</summary>
    public async Task AnnounceMoveAsync(int seconds, string? address)
    {
        var target = address is null ? "_\r\n" : $"${address.Length}\r\n{address}\r\n";
        List<NetworkStream> subscribed;
        lock (_gate)
            subscribed = [.. _subscribed];
        foreach (var stream in subscribed)
            await stream.WriteAsync(Encoding.ASCII.GetBytes($">4\r\n$6\r\nMOVING\r\n:1\r\n:{seconds}\r\n{target}"), _end.Token);
    }

    /// <summary>Closes every connection, as a proxy does when the announced time is up, and accepts no other.</summary>
    public void Close()
    {
        _listener.Stop();
        lock (_gate)
            _clients.ForEach(client => client.Close());
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        Close();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        finally
        {
            await Task.WhenAll(serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        using var server = new TcpClient(_server.Host, _server.Port);
        (client.NoDelay, server.NoDelay) = (true, true);
        lock (_gate)
            _clients.Add(client);
        var (inner, outer) = (server.GetStream(), client.GetStream());
        await Task.WhenAny(inner.CopyToAsync(outer, _end.Token), PassCommandsAsync(outer, inner));
    }

    // The library sends this command by itself, and waits for the reply.
    private async Task PassCommandsAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[BufferBytes];
        while (await from.ReadAsync(buffer, _end.Token) is > 0 and var read)
        {
            if (buffer.AsSpan(0, read).IndexOf("MAINT_NOTIFICATIONS"u8) < 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
                continue;
            }

            await from.WriteAsync("+OK\r\n"u8.ToArray(), _end.Token);
            lock (_gate)
                _subscribed.Add(from);
        }
    }
}
