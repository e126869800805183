using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ConvoyRedis.Testing.Processes;

/// <summary>Hands out loopback ports that nobody listens on, each once; below the range from which outgoing connections take theirs.</summary>
internal static class FreePort
{
    private const int Lowest = 12_000;
    private const int Highest = 32_000;
    private const int Attempts = 1_000;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Taken = [];

    public static int Next()
    {
        for (var i = 0; i < Attempts; i++)
        {
            var port = RandomNumberGenerator.GetInt32(Lowest, Highest);
            lock (Gate)
            {
                if (!Taken.Add(port))
                    continue;
            }

            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's; the next one, then.
            }
        }

        throw new RedisStartException($"No free loopback port was found between {Lowest} and {Highest}.");
    }
}
