using System.Net;
using System.Net.Sockets;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>Stands in front of a Redis server, and passes on what either side sends, with the changes of a managed service.</summary>
internal abstract class ServerInFront : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<TcpClient> _clients = [];
    private readonly RedisServer _server;
    private readonly Task _accepting;

    protected ServerInFront(RedisServer server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Host => ((IPEndPoint)_listener.LocalEndpoint).Address.ToString();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Cancelled at the end.</summary>
    protected CancellationToken Ended => _end.Token;

    /// <summary>Closes every connection, and accepts no other.</summary>
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

    /// <summary>Passes on what a client sends, until it ends.</summary>
    protected virtual Task PassCommandsAsync(NetworkStream client, NetworkStream server) => client.CopyToAsync(server, Ended);

    /// <summary>Passes on what the server sends, until it ends.</summary>
    protected virtual Task PassRepliesAsync(NetworkStream server, NetworkStream client) => server.CopyToAsync(client, Ended);

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
        await Task.WhenAny(PassRepliesAsync(inner, outer), PassCommandsAsync(outer, inner));
    }
}
