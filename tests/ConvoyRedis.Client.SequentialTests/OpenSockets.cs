using System.Diagnostics;

namespace ConvoyRedis.Client.SequentialTests;

/// <summary>Counts the sockets of this process.</summary>
internal static class OpenSockets
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2.5);

    public static int Count() => Directory.EnumerateFiles("/proc/self/fd").Count(IsSocket);

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

    private static bool IsSocket(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
