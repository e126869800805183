using System.Net.Sockets;
using System.Text;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>
/// Announces its maintenance, as the proxy of Redis Software does: it accepts CLIENT MAINT_NOTIFICATIONS and pushes what a test says to those who sent it.
/// </summary>
internal sealed class AnnouncingProxy(RedisServer server) : ServerInFront(server)
{
    private const int BufferBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly List<NetworkStream> _subscribed = [];

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
            await stream.WriteAsync(Encoding.ASCII.GetBytes($">4\r\n$6\r\nMOVING\r\n:1\r\n:{seconds}\r\n{target}"), Ended);
    }

    // The library sends this command by itself, and waits for the reply.
    protected override async Task PassCommandsAsync(NetworkStream client, NetworkStream server)
    {
        var buffer = new byte[BufferBytes];
        while (await client.ReadAsync(buffer, Ended) is > 0 and var read)
        {
            if (buffer.AsSpan(0, read).IndexOf("MAINT_NOTIFICATIONS"u8) < 0)
            {
                await server.WriteAsync(buffer.AsMemory(0, read), Ended);
                continue;
            }

            await client.WriteAsync("+OK\r\n"u8.ToArray(), Ended);
            lock (_gate)
                _subscribed.Add(client);
        }
    }
}
