using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ConvoyRedis.Testing.Processes;

/// <summary>
/// Hands out loopback ports that nobody listens on, below the range from which outgoing connections take theirs. A server listens on its port
/// some time after it was handed out. So that no two processes hand out the same one meanwhile, each has a block of ports for itself, and shows it by listening
/// on the first of them.
/// </summary>
internal static class FreePort
{
    private const int Lowest = 12_000;
    private const int BlockSize = 500;

    // Before Redis 7.0 a cluster's node also listens on its port + 10000, which must be below that range, and nobody else's.
    private const int Blocks = 20;

    private static readonly Lock Gate = new();
    private static TcpListener? _owner;
    private static int _last;

    public static int Next()
    {
        lock (Gate)
        {
            _owner ??= TakeBlock();
            var first = Port(_owner);
            for (var attempt = 1; attempt < BlockSize; attempt++)
            {
                // All others come before one that was handed out comes again.
                _last = (_last % (BlockSize - 1)) + 1;
                if (TryListen(first + _last) is { } listener)
                {
                    listener.Dispose();
                    return first + _last;
                }
            }

            throw new RedisStartException($"No free loopback port was found between {first} and {first + BlockSize - 1}.");
        }
    }

    private static TcpListener TakeBlock()
    {
        var some = RandomNumberGenerator.GetInt32(Blocks);
        return Enumerable.Range(0, Blocks).Select(block => TryListen(Lowest + ((some + block) % Blocks * BlockSize))).FirstOrDefault(owner => owner is not null)
            ?? throw new RedisStartException($"More than {Blocks} processes on this machine start Redis servers.");
    }

    private static TcpListener? TryListen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            // Somebody else's; the next one, then.
            listener.Dispose();
            return null;
        }
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
