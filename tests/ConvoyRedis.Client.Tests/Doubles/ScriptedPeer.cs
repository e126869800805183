using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Tests.Doubles;

/// <summary>
/// A peer with a real socket and scripted replies: for answers and timing that a real Redis or Sentinel cannot be made to give. Everything else
/// is tested against real servers.
/// </summary>
internal sealed class ScriptedPeer : IAsyncDisposable
{
    /// <summary>In place of a reply: the connection is closed.</summary>
    public const string Close = "close";

    /// <summary>In place of a reply: none.</summary>
    public const string Silence = "silence";

    private readonly CancellationTokenSource _end = new();
    private readonly Pulse _pulse = new();
    private readonly ConcurrentQueue<IReadOnlyList<string>> _commands = new();
    private readonly ConcurrentDictionary<TcpClient, (SemaphoreSlim Turn, ConcurrentBag<string> Commands)> _clients = new();
    private readonly TcpListener _listener;
    private readonly Func<IReadOnlyList<string>, string?> _reply;
    private readonly Task _accepting;
    private int _accepted;

    private ScriptedPeer(IPEndPoint endpoint, Func<IReadOnlyList<string>, string?> reply)
    {
        _reply = reply;
        _listener = new TcpListener(endpoint);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public ConvoyRedisEndpoint Endpoint => new(((IPEndPoint)_listener.LocalEndpoint).Address.ToString(), ((IPEndPoint)_listener.LocalEndpoint).Port);

    /// <summary>Every command that came, in order of arrival.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Commands => [.. _commands];

    /// <summary>How many connections were made.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>How many connections stand.</summary>
    public int Connections => _clients.Count;

    /// <summary>Starts a peer.</summary>
    /// <param name="reply">
    /// The reply to a command as bytes on the wire (see <see cref="Resp"/>); null or <see cref="Silence"/> for none, <see cref="Close"/> to close the
    /// connection.
    /// </param>
    /// <param name="address">The address to listen on; null for 127.0.0.1.</param>
    /// <param name="port">The port to listen on; 0 for any.</param>
    public static ScriptedPeer Start(Func<IReadOnlyList<string>, string?> reply, IPAddress? address = null, int port = 0) =>
        new(new IPEndPoint(address ?? IPAddress.Loopback, port), reply);

    /// <summary>How often a command came, by its first words.</summary>
    public int Count(params string[] words) =>
        _commands.Count(command => command.Take(words.Length).SequenceEqual(words, StringComparer.OrdinalIgnoreCase));

    /// <summary>Waits until a command has come so often, by its first words.</summary>
    public Task ReceivedAsync(int times, params string[] words) => _pulse.UntilAsync(
        () => Count(words) >= times, () => $"{Endpoint} got {string.Join(' ', words)} {Count(words)} times instead of {times}.");

    /// <summary>Waits until so many connections stand.</summary>
    public Task ConnectedAsync(int connections) => _pulse.UntilAsync(
        () => Connections == connections, () => $"{Endpoint} has {Connections} connections instead of {connections}.");

    /// <summary>Waits until so many connections were made.</summary>
    public Task AcceptedAsync(int connections) => _pulse.UntilAsync(
        () => Accepted >= connections, () => $"{Endpoint} was dialled {Accepted} times instead of {connections}.");

    /// <summary>Waits until so many connections have ended.</summary>
    public Task EndedAsync(int connections) => _pulse.UntilAsync(
        () => Accepted - Connections >= connections, () => $"{Accepted - Connections} connections to {Endpoint} have ended instead of {connections}.");

    /// <summary>Sends bytes, unasked, on every connection on which this command came before.</summary>
    public async Task PushAsync(string bytes, string after)
    {
        foreach (var (client, connection) in _clients)
        {
            if (connection.Commands.Contains(after))
                await SendAsync(client, connection.Turn, bytes);
        }
    }

    /// <summary>Closes every connection that stands.</summary>
    public void DropConnections()
    {
        // A client that has just been disposed has no socket.
        foreach (var client in _clients.Keys)
            client.Client?.Close(0);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        DropConnections();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                Interlocked.Increment(ref _accepted);
                _pulse.Beat();
                serving.Add(ServeAsync(client));
            }
        }
        finally
        {
            await Task.WhenAll(serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        using var turn = new SemaphoreSlim(1, 1);
        var names = new ConcurrentBag<string>();
        _clients[client] = (turn, names);
        _pulse.Beat();
        try
        {
            var commands = new RespConnection(client.GetStream());
            while (true)
            {
                var command = (await commands.ReadAsync(_end.Token)).Items.Select(item => item.Text ?? "").ToList();
                _commands.Enqueue(command);
                names.Add(command[0]);
                _pulse.Beat();
                var reply = _reply(command);
                if (reply == Close)
                    return;
                if (reply is not null and not Silence)
                    await SendAsync(client, turn, reply);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection has ended.
        }
        finally
        {
            _clients.TryRemove(client, out _);
            _pulse.Beat();
        }
    }

    private async Task SendAsync(TcpClient client, SemaphoreSlim turn, string bytes)
    {
        await turn.WaitAsync(_end.Token);
        try
        {
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(bytes), _end.Token);
        }
        finally
        {
            turn.Release();
        }
    }
}
