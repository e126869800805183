using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Managed;

/// <summary>Has an INFO that tells next to nothing, as that of some managed services.</summary>
internal sealed class CutDownInfo(RedisServer server) : ServerInFront(server)
{
    private const string Told = "# Server\r\nredis_version:6.2.6\r\n";

    private int _cut;

    /// <summary>The replies that were cut down.</summary>
    public int Count => Volatile.Read(ref _cut);

    // Line by line: of the replies only a bulk string has more than one, and says how many bytes.
    protected override async Task PassRepliesAsync(NetworkStream server, NetworkStream client)
    {
        using var reader = new StreamReader(server, Encoding.Latin1);
        while (await reader.ReadLineAsync(Ended) is { } line)
        {
            var text = $"{line}\r\n";
            if (line.StartsWith('$') && line != "$-1")
            {
                var value = new char[int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture) + 2];
                await reader.ReadBlockAsync(value, Ended);
                text += new string(value);
                if (value.AsSpan().StartsWith("# "))
                {
                    Interlocked.Increment(ref _cut);
                    text = $"${Told.Length}\r\n{Told}\r\n";
                }
            }

            await client.WriteAsync(Encoding.Latin1.GetBytes(text), Ended);
        }
    }
}
