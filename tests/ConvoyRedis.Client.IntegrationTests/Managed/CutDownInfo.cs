using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>A server in front of Redis whose INFO tells next to nothing, as that of some managed services.</summary>
internal sealed class CutDownInfo : IAsyncDisposable
{
    private const string Told = "# Server\r\nredis_version:6.2.6\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly RedisServer _server;
    private readonly Task _accepting;
    private int _cut;

    public CutDownInfo(RedisServer server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The replies that were cut down.</summary>
    public int Count => Volatile.Read(ref _cut);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
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
        var (inner, outer) = (server.GetStream(), client.GetStream());
        await Task.WhenAny(outer.CopyToAsync(inner, _end.Token), PassRepliesAsync(inner, outer));
    }

    // Line by line: of the replies only a bulk string has more than one, and says how many bytes.
    private async Task PassRepliesAsync(NetworkStream from, NetworkStream to)
    {
        using var reader = new StreamReader(from, Encoding.Latin1);
        while (await reader.ReadLineAsync(_end.Token) is { } line)
        {
            var text = $"{line}\r\n";
            if (line.StartsWith('$') && line != "$-1")
            {
                var value = new char[int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture) + 2];
                await reader.ReadBlockAsync(value, _end.Token);
                text += new string(value);
                if (value.AsSpan().StartsWith("# "))
                {
                    Interlocked.Increment(ref _cut);
                    text = $"${Told.Length}\r\n{Told}\r\n";
                }
            }

            await to.WriteAsync(Encoding.Latin1.GetBytes(text), _end.Token);
        }
    }
}
