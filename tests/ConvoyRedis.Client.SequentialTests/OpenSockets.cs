using System.Diagnostics;
using System.Globalization;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.SequentialTests;

/// <summary>Counts the sockets of this process.</summary>
internal static class OpenSockets
{
    // Columns of /proc/net/tcp.
    private const int RemoteAddress = 2;
    private const int Inode = 9;

    private static readonly string[] Tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2.5);

    public static int Count() => Targets().Count(target => target.StartsWith("socket:", StringComparison.Ordinal));

    /// <summary>Counts the sockets that are connected to a server of a topology.</summary>
    public static int Count(RedisTopology topology)
    {
        var ports = topology.Servers.Select(server => server.Port).ToHashSet();
        var connected = Tables.Where(File.Exists)
            .SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => ports.Contains(int.Parse(fields[RemoteAddress].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)))
            .Select(fields => $"socket:[{fields[Inode]}]")
            .ToHashSet();
        return Targets().Count(connected.Contains);
    }

    /// <summary>Counts them when what is opened in the background stands: the watcher of the master's role, links to further sentinels.</summary>
    public static async Task<int> CountWhenSettledAsync(CancellationToken cancellationToken)
    {
        var (count, since) = (Count(), Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(since) < Quiet)
        {
            await Task.Delay(50, cancellationToken);
            if (Count() != count)
                (count, since) = (Count(), Stopwatch.GetTimestamp());
        }

        return count;
    }

    private static IEnumerable<string> Targets() => Directory.EnumerateFiles("/proc/self/fd").Select(Target).OfType<string>();

    private static string? Target(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
